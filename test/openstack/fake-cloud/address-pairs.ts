/** The fake Neutron's rules for allowed address pairs (Network API, extension "allowed-address-pairs"). */
import type { FakePort } from './state.ts';
import { type Fields, listOf, neutronError, textOf } from './wire.ts';

/** `max_allowed_address_pair` of neutron.conf by default. */
const MOST_PAIRS = 10;

/** The pairs that the port has after the change; a pair without a MAC gets the port's. */
export function pairsOf(port: FakePort, fields: Fields): FakePort['allowed_address_pairs'] {
  const wanted = listOf(fields, 'allowed_address_pairs');
  if (wanted === undefined) return port.allowed_address_pairs;
  if (wanted.length > MOST_PAIRS) {
    const words = `The number of allowed address pair exceeds the maximum ${MOST_PAIRS}.`;
    throw neutronError(400, 'AllowedAddressPairExhausted', words);
  }
  const pairs = wanted.map((each) => {
    const address = textOf(each, 'ip_address') ?? '';
    if (!/^\d+(\.\d+){3}(\/\d+)?$/.test(address)) {
      const words = `Invalid input for allowed_address_pairs. Reason: '${address}' is not a valid IP address.`;
      throw neutronError(400, 'HTTPBadRequest', words);
    }
    return { ip_address: address, mac_address: textOf(each, 'mac_address') ?? port.mac_address };
  });
  for (const [index, { ip_address, mac_address }] of pairs.entries()) {
    if (
      pairs.findIndex((each) => each.ip_address === ip_address && each.mac_address === mac_address) === index
    )
      continue;
    const words = `Request contains duplicate address pair: mac_address ${mac_address} ip_address ${ip_address}.`;
    throw neutronError(400, 'DuplicateAddressPairInRequest', words);
  }
  return pairs;
}
