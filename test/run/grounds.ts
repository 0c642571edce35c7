/** Where suites run: on the machine as it is, outside of the LXD hosts, or beside the cloud. */
import { readFileSync } from 'node:fs';
import { installPackages } from '../lab/install-packages.ts';
import { inNamespace, type Lab, labDown, labState, labUp } from '../lab/lab.ts';
import { labProcesses } from '../lab/lab-processes.ts';
import { cloudDown, cloudState } from '../lab/openstack/cloud-lab.ts';
import { installCloudPackages } from '../lab/openstack/cloud-packages.ts';
import { startFamily } from './child-family.ts';

export interface Ground {
  name: string;
  /** Waits until it is up; undefined, or why it did not come up. */
  ready(): Promise<string | undefined>;
  /** Puts a command line where the suites have to run. */
  inPlace(argv: string[]): string[];
  env: Record<string, string>;
  /** Processes of its own, which suites may have started anew. */
  processes(): Promise<readonly number[]>;
  /** Takes down what was not up before, and says what is left of it. */
  end(): Promise<readonly string[]>;
}

export const bareGround: Ground = {
  name: 'machine',
  ready: async () => undefined,
  inPlace: (argv) => argv,
  env: {},
  processes: async () => [],
  end: async () => [],
};

/** Installs what a lab needs. Undefined when the machine can have the lab, else why not and what would help. */
export async function obstacle(lab: 'lab' | 'cloud'): Promise<string | undefined> {
  const packages = await (lab === 'lab' ? installPackages() : installCloudPackages());
  const isRoot = process.getuid?.() === 0;
  if (packages.ok && isRoot) return undefined;
  const why = packages.ok ? 'network namespaces need root' : packages.reason;
  const what = lab === 'lab' ? 'real LXD hosts' : 'a real OpenStack';
  const command = packages.ok ? '' : `: ${packages.command}`;
  return `Whatever needs ${what} is skipped: ${why}.\nTo enable it, as root on Debian 12${command || ', run this again'}`;
}

/** The two LXD hosts; the suites run in the namespace outside of them. */
export function labGround(): Ground {
  const wasUp = labState() !== undefined;
  let lab: Lab | undefined;
  return {
    name: 'lab',
    ready: async () => {
      try {
        // The remains of a run that was cut short are no ground.
        if (!wasUp) await labDown();
        lab = await labUp();
        return undefined;
      } catch (error) {
        return error instanceof Error ? error.message : String(error);
      }
    },
    inPlace: (argv) => (lab === undefined ? argv : inNamespace(lab.outsideNamespace, argv)),
    env: { DRAWBRIDGE_LAB: 'up' },
    processes: labProcesses,
    end: async () => (wasUp ? [] : labDown()),
  };
}

const CLOUD_LOG = 'test-results/cloud-up.log';
const LOG_TAIL = 30;

/** The cloud. It comes up in the background from now on, beside other suites: that takes minutes. */
export function cloudGround(cut: AbortSignal): Ground {
  const wasUp = cloudState() !== undefined;
  const up = [process.execPath, '--import', 'tsx', 'test/lab/openstack/cli.ts', 'up'];
  const coming = wasUp ? undefined : startFamily(up, { log: CLOUD_LOG, cut });
  return {
    ...bareGround,
    name: 'cloud',
    ready: async () => {
      if (((await coming?.ended) ?? 0) === 0) return undefined;
      const lines = readFileSync(CLOUD_LOG, 'utf8').trimEnd().split('\n');
      return `its log ${CLOUD_LOG} ends with\n${lines.slice(-LOG_TAIL).join('\n')}`;
    },
    end: async () => {
      await coming?.ended;
      return wasUp ? [] : cloudDown();
    },
  };
}
