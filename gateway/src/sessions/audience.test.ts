import { describe, expect, test } from '@jest/globals';
import { audienceOf } from './audience';

describe('the address that is signed to sign in', () => {
  test.each([
    ['127.0.0.1:8080', 'http://127.0.0.1:8080'],
    ['localhost:8080', 'http://localhost:8080'],
    ['[::1]:8080', 'http://[::1]:8080'],
    ['10.0.0.5:8080', 'http://10.0.0.5:8080'],
    ['10.0.0.5', 'http://10.0.0.5'],
    ['other.example:8080', undefined],
    ['127.0.0.1.other.example:8080', undefined],
    ['other.example:8080#127.0.0.1', undefined],
    ['', undefined],
  ])('is, where none is set and %j is asked, %j', (host, expected) => {
    const settings = { publicUrl: undefined, httpHost: '10.0.0.5' };
    expect(audienceOf(settings, host)).toBe(expected);
  });

  test('is the one that is set, whatever the request calls the gateway', () => {
    const settings = { publicUrl: 'https://gateway.example', httpHost: '0.0.0.0' };
    expect(audienceOf(settings, '127.0.0.1:8080')).toBe('https://gateway.example');
  });

  test('is that of an address of IPv6 on which it listens', () => {
    const settings = { publicUrl: undefined, httpHost: 'fd00::5' };
    expect(audienceOf(settings, '[fd00::5]:8080')).toBe('http://[fd00::5]:8080');
  });
});
