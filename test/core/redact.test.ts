/** Secrets in the lines of an instance are cut out; what is none stays readable. */
import { describe, expect, test } from 'vitest';
import { redact } from '../../src/core/redact.ts';

const one = (line: string): string => redact([line])[0] ?? '';

describe('a secret is cut out', () => {
  test.each([
    'password=planted',
    'PGPASSWORD=planted psql',
    'db.password: planted',
    '{"token": "planted", "user": "bob"}',
    "{'secret': 'planted'}",
    'api_key => planted',
    'Authorization: Bearer planted',
    'authorization: Basic cGxhbnRlZDpwbGFudGVk-planted',
    'sent Bearer planted1234',
    'mysql --password planted',
    'curl --api-key=planted https://example.org',
    'the password is planted',
    'connecting to postgres://app:planted@db:5432/app',
    'redis://:planted@cache/0',
    'Set-Cookie: planted; path=/',
    'X-Api-Key: planted',
    'AWS_SECRET_ACCESS_KEY=planted/planted+1',
    'xoxb-1-planted-2',
    'ghp_plantedplantedplanted12',
    'glpat-planted',
    'AKIAPLANTED1234567',
    'sk_live_plantedplanted',
    'eyJhbGciOi.planted.planted',
    'key material planted0planted0planted0planted0planted0',
    '-----BEGIN OPENSSH PRIVATE KEY-----planted',
  ])('%s', (line) => {
    expect(one(line)).not.toContain('planted');
    expect(one(line)).toContain('•••');
  });

  test('a private key over several lines', () => {
    const key = ['-----BEGIN RSA PRIVATE KEY-----', 'planted', 'planted=', '-----END RSA PRIVATE KEY-----'];
    expect(redact(['before', ...key, 'after'])).toEqual(['before', '•••', '•••', '•••', '•••', 'after']);
  });

  test('a private key that is cut off at its beginning or its end', () => {
    expect(redact(['planted', '-----END PRIVATE KEY-----', 'after'])).toEqual(['•••', '•••', 'after']);
    expect(redact(['before', '-----BEGIN PRIVATE KEY-----', 'planted'])).toEqual(['before', '•••', '•••']);
  });
});

describe('what is no secret stays', () => {
  test.each([
    'Nov 25 16:53:11 blog nginx[41]: worker process 42 started',
    '10.11.0.5 - - [25/Nov/2026:16:53:11 +0000] "GET /index.html HTTP/1.1" 200 612',
    'request 6fbe5a4d-bf9b-4c15-94d4-81ddd7c758ff took 12 ms',
    'http://198.51.100.7:8080/a/long/path/that/goes/on/and/on',
    'listening on 0.0.0.0:80',
    'monkey business at the keyboard',
    '/usr/lib/x86_64-linux-gnu/libc.so.6 loaded',
    '',
  ])('%s', (line) => {
    expect(one(line)).toBe(line);
  });
});
