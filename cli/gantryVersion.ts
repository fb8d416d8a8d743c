/** Our own version; the same as in package.json, which a test holds it to. */
export const gantryVersion = '0.2.0';
