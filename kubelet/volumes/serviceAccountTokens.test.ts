import { refreshAt } from './serviceAccountTokens.ts';

const hour = 3600 * 1000;

test('a token is renewed at four fifths of its life', () => {
  expect(refreshAt({ expiresAt: 10 * hour, lifeMilliseconds: 5 * hour })).toBe(9 * hour);
});

test('a long-lived token is renewed after a day', () => {
  expect(refreshAt({ expiresAt: 1000 * hour, lifeMilliseconds: 1000 * hour })).toBe(24 * hour);
});
