/** Ends and removes everything of the cloud, whatever state it is in. */
import { existsSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { waitUntil } from '../wait-until.ts';
import { cloudNetwork, removeCloudNetwork } from './cloud-network.ts';
import { cloudDir } from './cloud-plan.ts';
import { cloudProcesses } from './cloud-processes.ts';

/** A file that says the folder is a cloud's, so that nothing else is ever removed. */
export const cloudMark = 'drawbridge-cloud';

/** Removes the cloud and returns what is left (nothing, one hopes). The cache stays. */
export async function tearDownCloud(): Promise<string[]> {
  await endProcesses();
  const left = cloudProcesses().map(({ pid, program }) => `process ${pid} (${program})`);
  if (!existsSync(join(cloudDir(), cloudMark))) return left;
  await removeCloudNetwork();
  left.push(...(await cloudNetwork()));
  // While something is left, the mark stays too: with it the next attempt knows what is whose.
  const kept = ['cache', ...(left.length > 0 ? [cloudMark] : [])];
  for (const name of readdirSync(cloudDir()).filter((entry) => !kept.includes(entry)))
    rmSync(join(cloudDir(), name), { recursive: true, force: true });
  return left;
}

async function endProcesses(): Promise<void> {
  // Killed outright: their data is about to be removed. A parent may start others until it is gone too.
  await waitUntil(
    'the processes of the cloud to end',
    async () => {
      const found = cloudProcesses();
      for (const { pid } of found) kill(pid);
      return found.length === 0 ? true : undefined;
    },
    { seconds: 20 },
  ).catch(() => {}); // what is left is listed by the caller
}

function kill(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // ended in between
  }
}
