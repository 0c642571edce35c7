/** A clock for a program of its own that a test can move (faketime(1)). */
import { existsSync, writeFileSync } from 'node:fs';

const PLACES = ['x86_64', 'aarch64'].map((cpu) => `/usr/lib/${cpu}-linux-gnu/faketime/libfaketimeMT.so.1`);

/** The library that moves it; undefined where it is not installed. */
export function findFakeTime(): string | undefined {
  return PLACES.find((place) => existsSync(place));
}

/** Has a process read its clock from a file, but measure spans as ever. */
export function fakeClock(file: string): Record<string, string> {
  return {
    LD_PRELOAD: findFakeTime() ?? '/libfaketime-is-missing',
    FAKETIME_TIMESTAMP_FILE: file,
    FAKETIME_NO_CACHE: '1',
    FAKETIME_DONT_FAKE_MONOTONIC: '1',
  };
}

/** @param offset from the clock of everybody else: `+3h`, `-90s`, `+0` */
export function setFakeClock(file: string, offset: string): void {
  writeFileSync(file, `${offset}\n`);
}
