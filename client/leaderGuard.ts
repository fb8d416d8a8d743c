/** A write that was held back because this process is not, or no longer, the leader. */
export class NotLeaderError extends Error {
  constructor() {
    super('not the leader: the write was held back');
    this.name = 'NotLeaderError';
  }
}

/**
 * For `RestClientOptions.beforeWrite`: lets a write out only while this process leads at that very moment. Whatever was decided, and waited
 * for a token, a connection or a retry meanwhile, or for the process to be continued, is held back with a NotLeaderError.
 */
export function leadersOnly(elector: { isLeader(): boolean }): () => void {
  return () => {
    if (!elector.isLeader()) throw new NotLeaderError();
  };
}
