/** Sets of completion indexes in the form of `status.completedIndexes`: `1,3-5,7`. */
export function parseIndexes(text: string | undefined): Set<number> {
  const indexes = new Set<number>();
  for (const part of (text ?? '').split(',').filter((each) => each !== '')) {
    const [first, last] = part.split('-').map(Number);
    for (let index = first!; index <= (last ?? first!); index += 1) indexes.add(index);
  }
  return indexes;
}

/** Three or more in a row are written as a range, two with a comma (as Kubernetes does). */
export function formatIndexes(indexes: ReadonlySet<number>): string {
  const sorted = [...indexes].sort((left, right) => left - right);
  const parts: string[] = [];
  for (let at = 0; at < sorted.length; ) {
    let end = at;
    while (sorted[end + 1] === sorted[end]! + 1) end += 1;
    if (end - at >= 2) parts.push(`${sorted[at]}-${sorted[end]}`);
    else parts.push(...sorted.slice(at, end + 1).map(String));
    at = end + 1;
  }
  return parts.join(',');
}
