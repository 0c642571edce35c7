/** Puts the guests that were built in the cache into the cloud's own store. */
import { openAsBlob, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { clouds } from './accounts.ts';
import { type CloudApi, openCloud } from './cloud-api.ts';
import { cacheDir, type ImagePlan, imagePlans } from './cloud-plan.ts';

interface Image {
  id: string;
  name: string;
  status: string;
  /** Of our own: what the image was built from. */
  build?: string;
}

/** Registers every image that is missing or was built anew. */
export async function ensureImages(): Promise<void> {
  const admin = await openCloud(clouds.admin);
  await Promise.all(imagePlans.map((plan) => ensureImage(admin, plan)));
}

/** Kernel, initrd and disk are three images, of which the last names the others. */
async function ensureImage(admin: CloudApi, plan: ImagePlan): Promise<void> {
  const dir = join(cacheDir(), plan.name);
  const stamp = readFileSync(join(dir, 'stamp'), 'utf8').trim();
  const present = await admin.list<Image>('image', '/images?limit=100', 'images');
  if (present.some((image) => image.name === plan.name && image.build === stamp && image.status === 'active'))
    return;
  for (const { id, name } of present) {
    if (name === plan.name || name.startsWith(`${plan.name}-`))
      await admin.call('DELETE', 'image', `/images/${id}`);
  }
  const add = async (name: string, file: string, kind: object): Promise<string> => {
    const { id } = await admin.call<Image>('POST', 'image', '/images', {
      name,
      visibility: 'public',
      ...kind,
    });
    await admin.upload(`/images/${id}/file`, await openAsBlob(join(dir, file)));
    return id;
  };
  const kernel = { disk_format: 'aki', container_format: 'aki' };
  const initrd = { disk_format: 'ari', container_format: 'ari' };
  await add(plan.name, plan.disk.file, {
    disk_format: plan.disk.format,
    container_format: 'bare',
    kernel_id: await add(`${plan.name}-kernel`, 'vmlinuz', kernel),
    ramdisk_id: await add(`${plan.name}-initrd`, 'initrd', initrd),
    min_ram: plan.minRam,
    min_disk: plan.minDisk,
    os_command_line: plan.commandLine,
    build: stamp,
    ...plan.properties,
  });
}
