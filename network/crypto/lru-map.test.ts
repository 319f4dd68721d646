import { describe, expect, test } from '@jest/globals';
import { LruMap } from './lru-map';

describe('a map of limited size', () => {
  test('forgets what was used longest ago', () => {
    const map = new LruMap<string, number>(2);
    map.set('a', 1);
    map.set('b', 2);
    expect(map.get('a')).toBe(1);
    map.set('c', 3);
    expect([map.get('a'), map.get('b'), map.get('c')]).toEqual([1, undefined, 3]);
    expect(map.size).toBe(2);
  });

  test('replaces a value without growing', () => {
    const map = new LruMap<string, boolean>(2);
    map.set('a', true);
    map.set('a', false);
    expect([map.get('a'), map.size]).toEqual([false, 1]);
  });
});
