/** The rules of the house, read from the import lines: who may know whom, one file an SDK, nothing that does not belong. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { basename, dirname, join, normalize } from 'node:path';
import { describe, expect, it } from 'vitest';

const OWN = 'test/architecture.test.ts';

interface Source {
  file: string;
  text: string;
  /** The text without comments. */
  code: string;
  imports: string[];
}

const sources = ['src', 'jobs', 'test'].flatMap((folder) => filesIn(folder)).map(read);
const product = sources.filter(({ file }) => !file.startsWith('test/'));

/** Who may import whom, beside the files at the top of src that every room shares. */
const ROOMS: Record<string, string[]> = {
  'src/core': [],
  'src/lxd': ['src/core'],
  'src/openstack': [],
  'src/outside': ['src/core'],
  'src/records': ['src/core'],
  'src/slack': ['src/core', 'src/records'],
  'src/sandbox': ['src/core'],
  src: ['src/core', 'src/records', 'src/slack'],
  jobs: ['src', 'src/core', 'src/lxd', 'src/openstack', 'src/outside', 'src/records', 'src/sandbox'],
};

/** What a room may take from the top of src. */
const SHARED: Record<string, string[]> = {
  'src/core': [],
  'src/lxd': ['errors'],
  'src/openstack': ['cloud-access', 'errors'],
  'src/outside': [],
  'src/records': ['config', 'errors', 'log', 'within'],
  'src/slack': ['config', 'errors', 'log', 'metrics', 'queues', 'within'],
  'src/sandbox': ['config', 'config-file', 'errors', 'log', 'secret'],
};

const ONE_FILE: Record<string, string> = {
  '@slack/bolt': 'src/slack/bolt.ts',
  bullmq: 'src/queues.ts',
  ioredis: 'src/records/redis.ts',
  ssh2: 'src/lxd/ssh.ts',
  undici: 'src/lxd/http.ts',
  pkgcloud: 'src/openstack/session.ts',
  pino: 'src/log.ts',
  'pino-pretty': 'src/log.ts',
  'prom-client': 'src/metrics.ts',
  yaml: 'src/read-yaml.ts',
  'js-redis-server': 'src/sandbox/local-redis.ts',
  'string-argv': 'src/core/commands/command-words.ts',
  'fastest-levenshtein': 'src/core/commands/nearest.ts',
  'ipaddr.js': 'src/core/sources.ts',
};

const PURE = new Set(['node:crypto', 'node:net', 'string-argv', 'fastest-levenshtein', 'ipaddr.js']);

function roomOf(file: string): string {
  const folder = dirname(file).split('/').slice(0, 2).join('/');
  return folder in ROOMS ? folder : (folder.split('/')[0] ?? folder);
}

describe('the house', () => {
  it('lets every room know only whom it may', () => {
    const wrong = product.flatMap(({ file, imports }) =>
      imports.filter((to) => to.endsWith('.ts') && !mayKnow(file, to)).map((to) => `${file} imports ${to}`),
    );
    expect(wrong).toEqual([]);
  });

  it('keeps core pure', () => {
    const wrong = product
      .filter(({ file }) => file.startsWith('src/core/'))
      .flatMap(({ file, imports, code }) => [
        ...imports.filter((to) => !to.endsWith('.ts') && !PURE.has(to)).map((to) => `${file} imports ${to}`),
        ...[/\bDate\.now\(|new Date\(\)/, /\bMath\.random\(/, /\bprocess\./, /\bfetch\(/]
          .filter((pattern) => pattern.test(code))
          .map((pattern) => `${file} has ${pattern.source}`),
      ]);
    expect(wrong).toEqual([]);
  });

  it('has one file for each SDK', () => {
    const wrong = product.flatMap(({ file, imports }) =>
      imports.filter((to) => to in ONE_FILE && ONE_FILE[to] !== file).map((to) => `${file} imports ${to}`),
    );
    expect(wrong).toEqual([]);
  });

  it('has views that only know core and each other', () => {
    // What they render is told by types of the records and of Slack's SDK.
    const shown = /^src\/(core|slack\/views)\//;
    const wrong = product
      .filter(({ file }) => file.startsWith('src/slack/views/'))
      .flatMap((source) =>
        source.imports
          .filter((to) => !shown.test(to) && !isTypeOnly(source, to))
          .map((to) => `${source.file} imports ${to}`),
      );
    expect(wrong).toEqual([]);
  });

  it('has no circles among the chambers of a room', () => {
    // What lies at the top of a room belongs to all of its chambers.
    expect(circlesIn(chambers())).toEqual([]);
  });

  it('reads the environment in one place', () => {
    const ways = /\bprocess(\.env\b|\[)|[^=!]= process\b(?!\.)|'(node:)?process'/;
    expect(product.filter(({ code }) => ways.test(code)).map(({ file }) => file)).toEqual(['src/config.ts']);
  });

  it('has no circles', () => {
    const files = new Map(product.map(({ file, imports }) => [file, new Set(imports)]));
    expect(circlesIn(files)).toEqual([]);
  });

  it('opens every file with a word on what lives there', () => {
    expect(product.filter(({ text }) => !text.startsWith('/**')).map(({ file }) => file)).toEqual([]);
  });

  it('keeps files short', () => {
    const long = product.filter(({ text }) => text.split('\n').length > 200);
    expect(long.map(({ file, text }) => `${file}: ${text.split('\n').length} lines`)).toEqual([]);
  });

  it('names files after what they export', () => {
    // Collections of one kind of thing have no main export.
    const collections = [
      'src/errors.ts',
      'src/lxd/schemas.ts',
      'src/lxd/types.ts',
      'src/openstack/pkgcloud.d.ts',
      'src/openstack/schemas.ts',
      'src/openstack/types.ts',
    ];
    const wrong = product
      .filter(({ file, code }) => !collections.includes(file) && !exportsItsName(file, code))
      .map(({ file }) => file);
    expect(wrong).toEqual([]);
  });

  it('has no loose ends', () => {
    const patterns = [
      /\bconsole\./,
      /export default/,
      /[:<,|&] ?any\b(?=[\s[\],;>=)|&])(?! [a-z])|\bas any\b/,
      /@ts-(ignore|nocheck|expect-error)/,
    ];
    const wrong = product.flatMap(({ file, code }) =>
      patterns.filter((each) => each.test(code)).map((each) => `${file}: ${each.source}`),
    );
    const notes = sources
      .filter(({ file, text }) => file !== OWN && /\b(TODO|FIXME)\b/.test(text))
      .map(({ file }) => file);
    expect([...wrong, ...notes]).toEqual([]);
  });

  it('tests against servers: no module is mocked, no test is focused', () => {
    const wrong = sources.filter(
      ({ file, code }) =>
        file !== OWN && /\bvi\.(mock|doMock|spyOn|stub)|\b(it|test|describe)\.only\b/.test(code),
    );
    expect(wrong.map(({ file }) => file)).toEqual([]);
  });
});

describe('the two processes', () => {
  it('give the bot nothing that reaches a host or a cloud', () => {
    const reached = reachedFrom('src/bot.ts');
    expect(reached).toContain('@slack/bolt');
    const rooms = /^(src\/lxd|src\/openstack|src\/outside|src\/sandbox|jobs)\//;
    const kits = ['ssh2', 'pkgcloud', 'undici', 'node:child_process', 'node:tls', 'node:https'];
    expect(reached.filter((to) => rooms.test(to) || kits.includes(to))).toEqual([]);
  });

  it('give the worker nothing that speaks to Slack', () => {
    const reached = reachedFrom('jobs/worker.ts');
    expect(reached).toEqual(expect.arrayContaining(['ssh2', 'pkgcloud']));
    expect(reached.filter((to) => to.startsWith('src/slack/') || to.startsWith('@slack/'))).toEqual([]);
  });
});

describe('the dependencies', () => {
  const { dependencies, devDependencies, optionalDependencies } = JSON.parse(
    readFileSync('package.json', 'utf8'),
  ) as Record<'dependencies' | 'devDependencies' | 'optionalDependencies', Record<string, string>>;

  it('are pinned to exact versions', () => {
    const all = { ...dependencies, ...devDependencies, ...optionalDependencies };
    expect(Object.entries(all).filter(([, version]) => !/^\d+\.\d+\.\d+$/.test(version))).toEqual([]);
  });

  it('are used', () => {
    const used = new Set(product.flatMap(({ imports }) => imports));
    expect(Object.keys(dependencies).filter((name) => !used.has(name))).toEqual([]);
  });

  it('of the development are imported or are tools that are run', () => {
    // local-slack is started by its platform’s name.
    const tools = [
      'local-slack-linux-x64',
      '@biomejs/biome',
      '@types/node',
      '@types/ssh2',
      'tsx',
      'typescript',
    ];
    const named = (name: string) =>
      sources.some(({ file, code }) => file !== OWN && code.includes(`'${name}`));
    const all = Object.keys({ ...devDependencies, ...optionalDependencies });
    expect(all.filter((name) => !tools.includes(name) && !named(name))).toEqual([]);
  });

  it('cover every import of the product', () => {
    const known = new Set([...Object.keys(dependencies), 'js-redis-server']);
    const wrong = product.flatMap(({ file, imports }) =>
      imports
        .filter((to) => !to.endsWith('.ts') && !to.startsWith('node:') && !known.has(to))
        .map((to) => `${file}: ${to}`),
    );
    expect(wrong).toEqual([]);
  });
});

function filesIn(folder: string): string[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.ts') && !name.includes('node_modules'))
    .map((name) => join(folder, name));
}

function read(file: string): Source {
  const text = readFileSync(file, 'utf8');
  const code = text.replace(/\/\*[\s\S]*?\*\//g, '').replace(/(^|\s)\/\/.*$/gm, '$1');
  const named = code.matchAll(/^(?:import|export)\b[^;]*?\bfrom '([^']+)'/gm);
  const called = code.matchAll(/\bimport\('([^']+)'\)/g);
  const bare = code.matchAll(/^import '([^']+)'/gm);
  const names = [...named, ...called, ...bare].map(([, name]) => name ?? '');
  const imports = names.map((name) => (name.startsWith('.') ? normalize(join(dirname(file), name)) : name));
  return { file, text, code, imports };
}

function mayKnow(file: string, to: string): boolean {
  const [from, target] = [roomOf(file), roomOf(to)];
  // The process's own frame may start a worker and stand-ins; nothing else in src knows jobs.
  if (from === target) return true;
  if (target === 'src') return SHARED[from]?.includes(basename(to, '.ts')) ?? from === 'jobs';
  return ROOMS[from]?.includes(target) ?? false;
}

/** @param ways whom each one knows */
function circlesIn(ways: ReadonlyMap<string, ReadonlySet<string>>): string[] {
  const found = new Set<string>();
  const visit = (from: string, path: string[]): void => {
    if (path.includes(from)) {
      found.add([...path.slice(path.indexOf(from)), from].join(' -> '));
      return;
    }
    if (done.has(from)) return;
    for (const to of ways.get(from) ?? []) visit(to, [...path, from]);
    done.add(from);
  };
  const done = new Set<string>();
  for (const from of ways.keys()) visit(from, []);
  return [...found];
}

/** Whom the folders inside of rooms know of each other. */
function chambers(): Map<string, Set<string>> {
  const ways = new Map<string, Set<string>>();
  for (const { file, imports } of product) {
    const [room, from] = [roomOf(file), dirname(file)];
    for (const to of imports.filter((each) => each.endsWith('.ts')).map((each) => dirname(each))) {
      if (from === to || from === room || to === room || roomOf(`${to}/x.ts`) !== room) continue;
      ways.set(from, (ways.get(from) ?? new Set()).add(to));
    }
  }
  return ways;
}

/** Every import of it is gone when the code runs. */
function isTypeOnly({ file, code }: Source, to: string): boolean {
  const lines = [...code.matchAll(/^import (type )?[^;]*?from '([^']+)'/gm)];
  return lines
    .filter(([, , name = '']) => normalize(join(dirname(file), name)) === to)
    .every(([, type]) => type !== undefined);
}

/** Every file and package that a process loads, types included. */
function reachedFrom(start: string): string[] {
  const byFile = new Map(product.map((source) => [source.file, source]));
  const found = new Set([start]);
  for (const file of found) for (const to of byFile.get(file)?.imports ?? []) found.add(to);
  return [...found];
}

/** One of the exported names shares a word with the file's name; a file is found by what one looks for. */
function exportsItsName(file: string, code: string): boolean {
  const exported = [
    ...code.matchAll(/export (?:async )?(?:type |interface |function |const |class |\{ )(\w+)/g),
  ].map(([, name]) => name?.toLowerCase() ?? '');
  const words = basename(file, '.ts')
    .split('-')
    .map((word) => word.replace(/s$/, ''));
  return exported.some((name) => words.some((word) => name.includes(word)));
}

describe('the project', () => {
  it('has what a user looks for at the top', () => {
    const wanted = [
      'README.md',
      'CHANGELOG.md',
      'LICENSE',
      'Dockerfile',
      'docker-compose.yml',
      '.env.example',
      'docs/architecture.md',
      'docs/drawbridge.example.yaml',
      'docs/slack-app-manifest.yaml',
      '.ci/run',
    ];
    expect(wanted.filter((name) => !existsSync(name))).toEqual([]);
  });

  it('draws every room in docs/architecture.md', () => {
    const text = readFileSync('docs/architecture.md', 'utf8');
    const rooms = readdirSync('src');
    const folders = product.map(({ file }) => `${basename(dirname(file))}/`);
    expect([...new Set([...rooms, ...folders])].filter((name) => !text.includes(name))).toEqual([]);
  });
});
