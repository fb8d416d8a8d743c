/** What is to happen when everything that has arrived by now was taken in. */
let deciding: (() => void)[] = [];
let writing: (() => void)[] = [];
let isAwaited = false;

/**
 * Calls back at the end of this turn of the event loop, after the callbacks of all sockets that have something to read. What is decided
 * there is decided for all who have asked in this turn; what is written by then goes out at the same end.
 */
export function decideAtTurnEnd(decide: () => void): void {
  deciding.push(decide);
  awaitEnd();
}

/** As `decideAtTurnEnd`, after all decisions: a system call costs more than most of what it carries. */
export function writeAtTurnEnd(write: () => void): void {
  writing.push(write);
  awaitEnd();
}

function awaitEnd(): void {
  if (isAwaited) return;
  isAwaited = true;
  setImmediate(end);
}

function end(): void {
  const decisions = deciding;
  deciding = [];
  try {
    for (const decide of decisions) decide();
  } finally {
    // Including those that the decisions brought.
    const writes = writing;
    writing = [];
    isAwaited = false;
    if (deciding.length > 0) awaitEnd();
    for (const write of writes) write();
  }
}
