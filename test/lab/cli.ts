import { installPackages } from './install-packages.ts';
import { type Lab, labDown, labUp } from './lab.ts';

const started = Date.now();

async function up(): Promise<void> {
  const packages = await installPackages();
  if (!packages.ok) throw new Error(`${packages.reason}\nTo enable it: ${packages.command}`);
  const lab = await labUp();
  console.log(manual(lab));
  console.log(`The lab is up after ${seconds()}. Take it down: npm run lab:down`);
}

async function down(): Promise<void> {
  const left = await labDown();
  if (left.length > 0) throw new Error(`Still there:\n  ${left.join('\n  ')}`);
  console.log(`The lab is down after ${seconds()}; nothing is left of it.`);
}

function manual(lab: Lab): string {
  const { web1, web2 } = lab.hosts;
  const hosts = [web1, web2].map((host) => {
    const addresses = [host.address, ...host.extraAddresses].join(' and ');
    return `  ${host.name}  ${addresses}, instances in ${host.subnet}, socket ${host.socket}`;
  });
  const ssh = `ssh -i ${web1.ssh.adminKeyFile} -o UserKnownHostsFile=${web1.ssh.knownHostsFile}`;
  return [
    'Hosts:',
    ...hosts,
    "A host's LXD:",
    ...[web1, web2].map((host) => `  LXD_DIR=${host.lxdDir} lxc list`),
    `From outside (as ${lab.ownAddress}, or with --interface ${lab.strangerAddress} as a stranger):`,
    `  ip netns exec ${lab.outsideNamespace} curl http://${web1.address}/`,
    "A host's shell:",
    `  ip netns exec ${lab.outsideNamespace} ${ssh} root@${web1.address}`,
    `Over HTTPS: ${web2.https.url} with --cert ${web2.https.certFile} --key ${web2.https.keyFile}`,
    `All of this as JSON: ${lab.dir}/lab.json`,
  ].join('\n');
}

function seconds(): string {
  return `${((Date.now() - started) / 1000).toFixed(1)} s`;
}

const commands = new Map([
  ['up', up],
  ['down', down],
]);
const command = commands.get(process.argv[2] ?? '');
try {
  if (command === undefined) throw new Error(`Usage: cli.ts ${[...commands.keys()].join(' | ')}`);
  await command();
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
}
