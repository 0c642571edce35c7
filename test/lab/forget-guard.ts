/** Takes the guard's table and memory from a host, as if it had never had one; a door that was closed there is shut for an hour otherwise. */
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import type { LabHost } from './lab-plan.ts';
import { runCommand } from './run-command.ts';

export async function forgetGuard({ namespace, dir }: LabHost): Promise<void> {
  const inHost = ['nsenter', `--net=/run/netns/${namespace}`];
  await runCommand([...inHost, 'nft', 'delete', 'table', 'ip', 'drawbridge']).catch(() => '');
  rmSync(join(dir, 'guard'), { recursive: true, force: true });
}
