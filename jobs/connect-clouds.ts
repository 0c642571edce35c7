/** Makes the configured clouds reachable: reads the key for their hosts and builds their clients. Nothing connects before it is used. */
import { readFileSync } from 'node:fs';
import type { Config } from '../src/config.ts';
import { Fault, messageOf } from '../src/errors.ts';
import { publicKeyOf } from '../src/lxd/ssh.ts';
import { createCloudClient } from '../src/openstack/client.ts';
import { Secret } from '../src/secret.ts';
import type { Cloud } from './tools.ts';

/** @throws Fault config_invalid that names every key file that cannot be used */
export function connectClouds({ file, clouds }: Pick<Config, 'file' | 'clouds'>): Cloud[] {
  const problems: string[] = [];
  const found = Object.entries(file?.clouds ?? {}).flatMap(([name, settings]): Cloud[] => {
    const access = clouds[name];
    const keys = keysIn(settings.key_file, (why) => problems.push(`clouds.${name}.key_file: ${why}`));
    if (access === undefined || keys === undefined) return [];
    const { external_network: external, network, image, flavor, images_server: images } = settings;
    return [
      {
        name,
        client: createCloudClient({ name, access }),
        user: settings.user,
        ...keys,
        keyFile: settings.key_file,
        sshFrom: settings.ssh_from,
        publicPorts: settings.public_ports,
        configDrive: settings.config_drive,
        ...(settings.labels !== undefined && { labels: settings.labels }),
        ...(external !== undefined && { externalNetwork: external }),
        ...(network !== undefined && { network }),
        ...(image !== undefined && { image }),
        ...(flavor !== undefined && { flavor }),
        ...(images !== undefined && { imagesServer: images }),
      },
    ];
  });
  if (problems.length > 0)
    throw new Fault('config_invalid', `The clouds cannot be used:\n  - ${problems.join('\n  - ')}`);
  return found;
}

function keysIn(
  path: string,
  tell: (why: string) => void,
): Pick<Cloud, 'privateKey' | 'publicKey'> | undefined {
  try {
    const text = readFileSync(path, 'utf8');
    return { privateKey: new Secret(text), publicKey: `${publicKeyOf(text)} drawbridge` };
  } catch (error) {
    tell(`${path} cannot be used (${messageOf(error)})`);
    return undefined;
  }
}
