/** Arithmetic with IPv4 addresses for the fake Neutron. */

export function toNumber(address: string): number {
  return address.split('.').reduce((sum, part) => sum * 256 + Number(part), 0);
}

export function toAddress(value: number): string {
  return [24, 16, 8, 0].map((shift) => Math.floor(value / 2 ** shift) % 256).join('.');
}

export function contains(cidr: string, address: string): boolean {
  const [base = '', bits = '32'] = cidr.split('/');
  const size = 2 ** (32 - Number(bits));
  return Math.floor(toNumber(base) / size) === Math.floor(toNumber(address) / size);
}

/** The first address of a pool that nobody has, by default of a subnet from its tenth on; undefined when it is full. */
export function freeAddress(
  cidr: string,
  taken: ReadonlySet<string>,
  pool?: { start: string; end: string },
): string | undefined {
  const [base = '', bits = '32'] = cidr.split('/');
  const [first, size] = [toNumber(base), 2 ** (32 - Number(bits))];
  const start = pool === undefined ? first + Math.min(10, size - 2) : toNumber(pool.start);
  const end = pool === undefined ? first + size - 2 : toNumber(pool.end);
  for (let number = start; number <= end; number += 1) {
    const address = toAddress(number);
    if (!taken.has(address)) return address;
  }
  return undefined;
}
