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
 * Daemons and all they started have a HOME in the state folder (scripts/lib.sh). Guests are started by libvirt with an
 * environment of its own, but have their files there.
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
  return (
    program.startsWith('qemu-system-') &&
    readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes(`${cloudDir()}/`)
  );
}
