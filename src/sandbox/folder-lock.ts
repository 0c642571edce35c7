/** One process a data folder: two redis-servers on one folder would ruin what it keeps. */
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Fault } from '../errors.ts';

export interface FolderLock {
  release(): void;
}

/** Makes the folder if need be. @throws Fault part_missing when a living process has it */
export function lockFolder(folder: string): FolderLock {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const file = join(folder, 'drawbridge.pid');
  const owner = ownerOf(file);
  if (owner !== undefined) {
    const message = `Drawbridge runs already with the data folder ${folder} (process ${owner}); stop it, or set DRAWBRIDGE_DATA to another folder`;
    throw new Fault('part_missing', message);
  }
  writeFileSync(file, String(process.pid));
  return { release: () => rmSync(file, { force: true }) };
}

function ownerOf(file: string): number | undefined {
  try {
    const pid = Number(readFileSync(file, 'utf8'));
    if (!Number.isInteger(pid) || pid === process.pid) return undefined;
    process.kill(pid, 0);
    return pid;
  } catch (error) {
    // EPERM: it lives and is somebody else's.
    return (error as { code?: string }).code === 'EPERM' ? 0 : undefined;
  }
}
