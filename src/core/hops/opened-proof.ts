/** The proof of a door that was opened: what knocking showed and, where nobody answered, how its road looks hop by hop. Pure. */
import { isAnswer, type Knock, knockInWords, type Proof } from '../proof.ts';
import type { DoorWay, RoadSeen } from './door-way.ts';
import type { Remedy } from './hop.ts';
import { type Knocked, lookAtDoor } from './look-at-door.ts';

/** What answers is proven, whatever its road looks like; undefined where nothing answered. */
export function answeredProof(knock: Knock): Proof | undefined {
  if (!isAnswer(knock)) return undefined;
  const after = knock.kind === 'open' ? ` after ${knock.ms} ms` : '';
  return { state: 'proven', seen: `${knockInWords(knock)}${after}` };
}

/** Of a door that did not answer. @param seen its road, looked at after the steps were done */
export function openedProof(way: DoorWay, seen: RoadSeen, knocked: Knocked): Proof {
  const { broken, verdict } = lookAtDoor(way, seen, knocked);
  const words = knockInWords(knocked.seen);
  if (broken !== undefined) {
    const hop = `${broken.name} ${broken.seen}`;
    return { state: 'broken', seen: words, broken: { hop, next: inWords(broken.remedy) } };
  }
  if (verdict.state !== 'mute') return { state: 'checked', seen: verdict.says };
  const { publicAddress, publicPort } = way.door;
  const hop = `between here and ${publicAddress}:${publicPort}`;
  return { state: 'broken', seen: words, broken: { hop, next: `${sentence(verdict.says)}.` } };
}

function inWords(remedy: Remedy | undefined): string {
  if (remedy === undefined) return '';
  return remedy.kind === 'command' ? `\`/lxd ${remedy.command}\` mends it.` : remedy.text;
}

function sentence(words: string): string {
  return words.charAt(0).toUpperCase() + words.slice(1);
}
