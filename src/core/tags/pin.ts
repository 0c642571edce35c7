/**
 * The mark of an address that Drawbridge pinned, in the instance's config: which NIC, how to take it back, and for which doors. The
 * last door takes the pin along; counting on the instance itself is safe however many doors come and go at once.
 */

export const PIN_KEY = 'user.drawbridge.pin';

export interface Pin {
  nic: string;
  /** The NIC came from a profile and was copied to the instance only for the pin. */
  inherited: boolean;
  /** Ids of the doors that need it, sorted. */
  doors: string[];
}

/** `eth0 inherited door-7k2m9x` */
export function pinText({ nic, inherited, doors }: Pin): string {
  return [nic, inherited ? 'inherited' : 'own', ...[...new Set(doors)].sort()].join(' ');
}

export function parsePin(text: string | undefined): Pin | undefined {
  const [nic = '', kind, ...doors] = (text ?? '').split(' ');
  return nic === '' ? undefined : { nic, inherited: kind === 'inherited', doors };
}
