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

/** The first address of a subnet that nobody has, from its tenth on; undefined when it is full. */
export function freeAddress(cidr: string, taken: ReadonlySet<string>): string | undefined {
  const [base = '', bits = '32'] = cidr.split('/');
  const [first, size] = [toNumber(base), 2 ** (32 - Number(bits))];
  for (let offset = Math.min(10, size - 2); offset < size - 1; offset += 1) {
    const address = toAddress(first + offset);
    if (!taken.has(address)) return address;
  }
  return undefined;
}
