import { readFile } from 'node:fs/promises';
import { isMissing } from '../errorText.ts';

/** The MTU that `node-network` has written into this file, in bytes; undefined where it has not. */
export async function noticedMtu(file: string): Promise<number | undefined> {
  try {
    const { mtu } = JSON.parse(await readFile(file, 'utf8')) as { readonly mtu?: number };
    return mtu;
  } catch (error) {
    if (isMissing(error)) return undefined;
    throw error;
  }
}
