/** The work was left because the pod is to end. */
export class InterruptedError extends Error {}

/** What the promise brings; rejects with an `InterruptedError` as soon as the signal is aborted, and leaves the work to itself. */
export async function unlessInterrupted<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  let leave = (): void => undefined;
  const interrupted = new Promise<never>((_, reject) => {
    leave = () => reject(new InterruptedError('the pod is to end'));
    if (signal.aborted) leave();
    else signal.addEventListener('abort', leave, { once: true });
  });
  try {
    return await Promise.race([work, interrupted]);
  } finally {
    signal.removeEventListener('abort', leave);
  }
}
