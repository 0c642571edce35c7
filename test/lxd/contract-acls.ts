/** What Drawbridge believes of LXD's network ACLs. */
import { afterEach, expect, it } from 'vitest';
import type { LxdAclRule, LxdClient } from '../../src/lxd/client.ts';
import { aclTools, NAME } from './acl-tools.ts';
import type { Contract } from './contract.ts';
import { faultOf } from './fault-of.ts';

export function aclContract(contract: Contract): void {
  const { acl, rule, attach, clear } = aclTools(contract);

  afterEach(clear);

  it('makes, reads, changes and deletes', async () => {
    const { client } = contract;
    expect(await client.getAcl(NAME)).toBeUndefined();
    await client.createAcl(acl(rule('10.0.0.1')));
    expect(await client.getAcl(NAME)).toEqual({ ...acl(rule('10.0.0.1')), used_by: [] });
    await client.updateAcl(NAME, ({ ingress }) => ({ ingress: [...ingress, rule('10.0.0.2')] }));
    expect((await client.getAcl(NAME))?.ingress).toEqual([rule('10.0.0.1'), rule('10.0.0.2')]);
    await client.deleteAcl(NAME);
    expect(await client.getAcl(NAME)).toBeUndefined();
  });

  /** LXD 5.0.2 looks at the ETag and writes later: of changes at the same moment some are lost (measured), so writers need a lock. */
  it('survives writers at the same moment, each of which writes it whole', async () => {
    const { client, side } = contract;
    const rivals = [client, side.connect(), side.connect()];
    await client.createAcl(acl());
    const add = (each: LxdClient, index: number): Promise<void> =>
      each.updateAcl(NAME, ({ ingress }) => ({ ingress: [...ingress, rule(`10.0.0.${index}`)] }));
    await Promise.all(rivals.map(add));
    const there = (await client.getAcl(NAME))?.ingress ?? [];
    expect(there.length).toBeGreaterThan(0);
    for (const each of there) expect(each).toEqual(rule(each.destination ?? ''));
    for (const [index, each] of rivals.entries()) await add(each, index + 3);
    expect((await client.getAcl(NAME))?.ingress).toHaveLength(there.length + 3);
    for (const rival of rivals.slice(1)) await rival.close();
  });

  it('is there once, and not deleted while it is used', async () => {
    const { client, side } = contract;
    await client.createAcl(acl());
    expect(await faultOf(client.createAcl(acl()))).toMatchObject({ code: 'lxd_conflict', retryable: false });
    await attach(NAME);
    const fault = await faultOf(client.deleteAcl(NAME));
    expect(fault).toMatchObject({ code: 'lxd_refused', retryable: false });
    expect(fault.message).toContain('in use');
    expect(await client.getAcl(NAME)).toMatchObject({ used_by: [`/1.0/networks/${side.network}`] });
  });

  it('cannot be changed or deleted where there is none', async () => {
    const { client } = contract;
    const works = [client.updateAcl(NAME, () => ({})), client.deleteAcl(NAME)];
    for (const fault of await Promise.all(works.map(faultOf)))
      expect(fault).toMatchObject({ code: 'lxd_not_found', retryable: false });
  });

  it.each<[string, Partial<LxdAclRule>, RegExp]>([
    [
      'a source that is none',
      { source: 'frob' },
      /Invalid ingress rule 0: Invalid Source: Invalid subject "frob"/,
    ],
    ['a range upside down', { source: '192.0.2.9-192.0.2.4' }, /Invalid Source: Invalid subject/],
    [
      'a destination that is none',
      { destination: '1.2.3' },
      /Invalid Destination: Invalid subject "1\.2\.3"/,
    ],
    ['an action of nobody', { action: 'frob' }, /Action must be one of: allow, drop, reject/],
    ['a state of nobody', { state: 'frob' }, /State must be one of/],
    ['a protocol of nobody', { protocol: 'frob' }, /Protocol must be one of/],
    ['a word for a port', { destination_port: 'web' }, /Invalid Destination port: Invalid port number "web"/],
  ])('refuses %s', async (_what, wrong, words) => {
    const { client } = contract;
    const fault = await faultOf(client.createAcl(acl(rule('10.0.0.1', wrong))));
    expect(fault).toMatchObject({ code: 'lxd_refused', retryable: false });
    expect(fault.message).toMatch(words);
    expect(await client.getAcl(NAME)).toBeUndefined();
  });

  it('refuses a rule twice', async () => {
    const fault = await faultOf(contract.client.createAcl(acl(rule('10.0.0.1'), rule('10.0.0.1'))));
    expect(fault).toMatchObject({ code: 'lxd_refused', retryable: false });
    expect(fault.message).toContain('Duplicate of ingress rule 0');
  });
}
