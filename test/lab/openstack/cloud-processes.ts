/** Finds every process of the cloud, however it came about. */
import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { basename } from 'node:path';
import { startTime } from '../daemons.ts';
import { cloudDir } from './cloud-plan.ts';

export interface CloudProcess {
  pid: number;
  program: string;
}

/**
 * Daemons and all they started have a HOME in the state folder (scripts/lib.sh). Some services write their title over their
 * environment, and libvirt gives guests one of its own: these are known by the files that they were told to use.
 */
export function cloudProcesses(): CloudProcess[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
    .flatMap((pid) => {
      try {
        const program = basename(readlinkSync(`/proc/${pid}/exe`));
        return isOurs(pid, program) && startTime(pid) !== undefined ? [{ pid, program }] : [];
      } catch {
        return []; // it ended meanwhile, or is a kernel thread
      }
    });
}

function isOurs(pid: number, program: string): boolean {
  const environment = readFileSync(`/proc/${pid}/environ`, 'utf8').split('\0');
  if (environment.some((entry) => entry.startsWith(`HOME=${cloudDir()}/`))) return true;
  if (!/^(?:python3|qemu-system-)/.test(program)) return false;
  return readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes(`${cloudDir()}/`);
}
