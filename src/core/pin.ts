/** The mark of an address that Drawbridge pinned, in the instance's config: which NIC, and how to take it back. */

export const PIN_KEY = 'user.drawbridge.pin';

export interface Pin {
  nic: string;
  /** The NIC came from a profile and was copied to the instance only for the pin. */
  inherited: boolean;
}

export function pinText({ nic, inherited }: Pin): string {
  return `${nic} ${inherited ? 'inherited' : 'own'}`;
}

export function parsePin(text: string | undefined): Pin | undefined {
  const [nic, kind] = (text ?? '').split(' ');
  if (nic === undefined || nic === '') return undefined;
  return { nic, inherited: kind === 'inherited' };
}
