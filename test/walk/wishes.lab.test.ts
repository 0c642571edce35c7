/** What people ask for that only real hosts can show: who really knocks at the instance, and who really gets in. */
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import { describeLab } from '../lab/describe-lab.ts';
import { launchInstance, lxc } from '../lab/lab.ts';
import { curl } from '../stage/curl.ts';
import { labConfig } from '../stage/lab-config.ts';
import { ALICE, raiseStage, type Stage } from '../stage/stage.ts';

const INSTANCE = 'wishes';
/** A page that says who asks for it (RFC 3875, REMOTE_ADDR). */
const WHO = `mkdir -p /www/cgi-bin
printf '#!/bin/sh\\nprintf "Content-Type: text/plain\\\\n\\\\n%%s" "$REMOTE_ADDR"\\n' >/www/cgi-bin/who
chmod +x /www/cgi-bin/who`;

describeLab('Drawbridge on real hosts', (lab) => {
  const { web1 } = lab.hosts;
  const visitors = [lab.ownAddress, lab.strangerAddress];
  let stage: Stage;

  beforeAll(async () => {
    await launchInstance(web1, INSTANCE);
    await lxc(web1, 'exec', INSTANCE, '--', 'sh', '-c', WHO);
    stage = await raiseStage({ file: labConfig(lab, { openPolicy: true }) });
  });
  afterAll(async () => {
    await stage?.stop();
    await lxc(web1, 'delete', '--force', INSTANCE);
  });
  afterEach(() => stage.closeAll());

  /** Who the instance says was there; its httpd writes IPv4 addresses as mapped into IPv6. */
  async function who(port: number, from: string): Promise<{ code: number; saw: string }> {
    const { code, body } = await curl(`http://${web1.address}:${port}/cgi-bin/who`, from);
    return { code, saw: body.replace(/^\[::ffff:(.+)\]$/, '$1') };
  }

  it.each(['forward', 'proxy'])('keeps the client’s address (%s)', async (road) => {
    await stage.seeRequest(await stage.ask(ALICE, `expose ${INSTANCE} 80 as 8101 via ${road}`), '*Open* and');
    for (const visitor of visitors) expect((await who(8101, visitor)).saw).toBe(visitor);
  });

  it('keeps the client’s address, or says in the plan that it does not (userspace)', async () => {
    const id = await stage.ask(ALICE, `expose ${INSTANCE} 80 as 8102 via userspace`);
    const { words } = await stage.seeRequest(id, '*Open* and');
    expect(words).toContain('does not see the client’s address');
    for (const visitor of visitors) expect((await who(8102, visitor)).saw).toBe('127.0.0.1');
  });

  it.each(['forward', 'proxy'])('enforces allow-lists on every door (%s)', async (road) => {
    const text = `expose ${INSTANCE} 80 as 8103 from ${lab.ownAddress} via ${road}`;
    await stage.seeRequest(await stage.ask(ALICE, text), '*Open* and');
    expect((await who(8103, lab.ownAddress)).saw).toBe(lab.ownAddress);
    expect((await who(8103, lab.strangerAddress)).code).toBe(28);
  });

  it('enforces allow-lists on every door: one that could not is not opened (userspace)', async () => {
    await stage.type(ALICE, `expose ${INSTANCE} 80 as 8104 from ${lab.ownAddress} via userspace`);
    await stage.see('it hides the client’s address, so `from` cannot be enforced');
    for (const visitor of visitors) expect((await who(8104, visitor)).code).toBe(7);
    expect(await stage.records.doors.list()).toEqual([]);
  });

  it('says no secret in chat, of what an instance logs', async () => {
    const line = 'db: connecting to postgres://app:planted-word@db/app';
    await lxc(
      web1,
      'exec',
      INSTANCE,
      '--',
      'sh',
      '-c',
      `mkdir -p /var/log; echo '${line}' >/var/log/messages`,
    );
    await stage.type(ALICE, `logs ${INSTANCE}`);
    const told = await stage.see('db: connecting to');
    expect(told.ephemeralFor).toBe(ALICE);
    expect(JSON.stringify(await stage.messages())).not.toContain('planted-word');
  });

  it('waits for the address before it says done, of a real DHCP', async () => {
    const id = await stage.ask(ALICE, `launch lab ${INSTANCE}-fresh on web1`);
    const done = await stage.seeRequest(id, '*Done*', 60_000);
    try {
      const now = await lxc(web1, 'list', `${INSTANCE}-fresh`, '-c4', '-fcsv');
      const address = /^(10\.[\d.]+) \(eth0\)/.exec(now)?.[1];
      expect(done.words).toContain(`${INSTANCE}-fresh runs at ${address}`);
    } finally {
      await lxc(web1, 'delete', '--force', `${INSTANCE}-fresh`);
    }
  });
});
