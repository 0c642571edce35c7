/** What is installed: from the registry with a checksum, under a licence that was looked at, and nothing that nobody has seen in review. */
import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';

interface Installed {
  version: string;
  /** What is installed in its place. */
  name?: string;
  resolved?: string;
  integrity?: string;
  license?: string;
  dev?: boolean;
  devOptional?: boolean;
  hasInstallScript?: boolean;
}

const lock = JSON.parse(readFileSync('package-lock.json', 'utf8')) as { packages: Record<string, Installed> };
const all = Object.entries(lock.packages)
  .filter(([path]) => path !== '')
  .map(([path, each]) => ({ ...each, path, called: path.split('node_modules/').at(-1) ?? path }));
const production = all.filter(({ dev, devOptional }) => dev !== true && devOptional !== true);
const manifest = JSON.parse(readFileSync('package.json', 'utf8')) as {
  dependencies: Record<string, string>;
  optionalDependencies: Record<string, string>;
};
const direct = Object.keys({ ...manifest.dependencies, ...manifest.optionalDependencies });
const page = readFileSync('docs/dependencies.md', 'utf8');

const LICENCES = new Set([
  ...['MIT', 'ISC', 'Apache-2.0', 'BSD-2-Clause', 'BSD-3-Clause', '0BSD', 'BlueOak-1.0.0', 'Unlicense'],
  ...['MIT OR Apache-2.0', '(AFL-2.1 OR BSD-3-Clause)'],
]);
/** Licences that were looked at one by one, and why they will do. */
const LICENCE_BY_HAND: Record<string, string> = {
  ssh2: 'MIT, in its LICENSE; package.json names it the old way',
  'cpu-features': 'MIT, in its LICENSE; package.json names it the old way',
  buildcheck: 'MIT, in its LICENSE; package.json names it the old way',
  pkgcloud: 'MIT, in its LICENSE; package.json names none',
  errs: 'MIT, in its LICENSE; package.json names none',
};
/** Of tools that are not shipped. */
const DEVELOPMENT_LICENCES = new Set(['MPL-2.0']);

/** Programs that run while it is installed. `.ci/run` installs production without them, and it works. */
const INSTALL_SCRIPTS: Record<string, string> = {
  'cpu-features': 'builds a faster look at the processor for ssh2; optional',
  esbuild: 'looks whether its program runs; development only',
  'msgpackr-extract': 'builds a faster reader for msgpackr; optional',
  ssh2: 'builds faster ciphers; without them Node’s own are used',
};

/** Names of which production has more than one version, and who brings the older one. */
const TWICE: Record<string, string> = {
  '@types/retry': 'types of p-retry, which @slack/web-api brings',
  eventemitter3: '4 of p-queue, which @slack/web-api brings',
  'ipaddr.js': '1 of proxy-addr, which express brings; the sources of doors are read by 2',
  'mime-db': 'of form-data and request, which pkgcloud brings',
  'mime-types': 'of form-data and request, which pkgcloud brings',
  'sonic-boom': '5 of pino-pretty',
};

describe('every package', () => {
  it('comes from a registry, with a checksum', () => {
    const wrong = all.filter(
      ({ integrity = '', resolved }) =>
        !/^sha512-[\w+/]{86}==$/.test(integrity) ||
        (resolved !== undefined && !resolved.startsWith('https://')),
    );
    expect(wrong.map(({ path }) => path)).toEqual([]);
  });

  it('has a licence that was looked at', () => {
    const wrong = all.filter(({ called, license = 'none', dev }) => {
      if (license === 'none') return LICENCE_BY_HAND[called] === undefined;
      return !LICENCES.has(license) && !(dev === true && DEVELOPMENT_LICENCES.has(license));
    });
    expect(wrong.map(({ path, license }) => `${path}: ${license ?? 'no licence'}`)).toEqual([]);
    const unread = Object.keys(LICENCE_BY_HAND).filter((name) => !all.some(({ called }) => called === name));
    expect(unread).toEqual([]);
    // What is named by hand says it in the package itself; optional ones may not be there.
    for (const name of Object.keys(LICENCE_BY_HAND)) {
      const path = `node_modules/${name}/LICENSE`;
      if (existsSync(path))
        expect(readFileSync(path, 'utf8')).toMatch(/Permission is hereby granted, free of charge/);
    }
  });

  it('runs nothing while it is installed, but those that are known to', () => {
    const running = all
      .filter(({ hasInstallScript }) => hasInstallScript === true)
      .map(({ called }) => called);
    expect([...new Set(running)].sort()).toEqual(Object.keys(INSTALL_SCRIPTS).sort());
  });
});

describe('production', () => {
  it('has one version of everything, but for what is named', () => {
    const versions = new Map<string, Set<string>>();
    for (const { called, version } of production)
      versions.set(called, (versions.get(called) ?? new Set()).add(version));
    const twice = [...versions].filter(([, found]) => found.size > 1).map(([name]) => name);
    expect(twice.sort()).toEqual(Object.keys(TWICE).sort());
  });

  it('has a line in docs/dependencies.md for each direct dependency that says why', () => {
    const rows = [...page.matchAll(/^\| `([^`]+)` \| (.{20,}) \|$/gm)].map(([, name]) => name);
    expect(rows.sort()).toEqual([...direct].sort());
  });

  it('has no package that docs/dependencies.md does not list, and the other way round', () => {
    const listed = (/```\n([\s\S]*?)```/.exec(page)?.[1] ?? '').split(/\s+/).filter((word) => word !== '');
    const there = new Set(
      production
        .map(({ called, name }) => (name === undefined ? called : `${called}=${name}`))
        .filter((name) => !direct.includes(name)),
    );
    expect({
      'add to docs/dependencies.md, if you know what it is for': [...there].filter(
        (name) => !listed.includes(name),
      ),
      'remove from docs/dependencies.md': listed.filter((name) => !there.has(name)),
    }).toEqual({
      'add to docs/dependencies.md, if you know what it is for': [],
      'remove from docs/dependencies.md': [],
    });
    expect(listed).toEqual([...listed].sort());
  });
});
