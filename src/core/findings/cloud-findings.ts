/** Whether a cloud lets Drawbridge in, and has room. Pure. */
import { harmless } from '../commands/chat-text.ts';
import { type Finding, fail, ok, warn } from './finding.ts';

export interface CloudFacts {
  cloud: string;
  seen:
    | {
        /** Nova's and Neutron's answers to the login, in milliseconds. */
        tookMs: number;
        extensions: ReadonlySet<string>;
        /** What the project has and may have; less than 0: as much as it likes. */
        quotas: Readonly<Record<string, { used: number; limit: number }>>;
      }
    | { error: string };
}

/** From here on a quota is nearly used. */
const NEARLY = 0.9;

export function cloudFindings({ cloud, seen }: CloudFacts): Finding[] {
  const about = `cloud ${cloud}`;
  if ('error' in seen)
    return [
      fail(
        about,
        `does not let me in, or does not answer: ${harmless(seen.error, 300)}`,
        'Correct its login (clouds.yaml or OS_*), or wait.',
      ),
    ];
  const { tookMs, extensions, quotas } = seen;
  const full = Object.entries(quotas).filter(([, { used, limit }]) => limit >= 0 && used >= limit * NEARLY);
  const found: Finding[] = [];
  if (!extensions.has('standard-attr-tag'))
    found.push(
      fail(
        about,
        'Neutron has no tags (extension `standard-attr-tag`), by which Drawbridge knows its own',
        'Ask whoever runs the cloud for it.',
      ),
    );
  if (full.length > 0) {
    const words = full.map(([name, { used, limit }]) => `${used} of ${limit} ${name}`).join(', ');
    found.push(warn(about, `nearly used: ${words}`, 'Close doors, delete hosts, or have the quota raised.'));
  }
  return found.length > 0 ? found : [ok(about, `lets me in (${Math.round(tookMs)} ms), and has room`)];
}
