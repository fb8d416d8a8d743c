/** An image that may be removed; times are milliseconds since the epoch. */
export interface CollectableImage {
  readonly id: string;
  readonly size: number;
  /** When it was first seen; 0 for those that were there when the kubelet began. */
  readonly firstSeen: number;
  /** When a container last had it; 0 for never. */
  readonly lastUsed: number;
}

/** Bytes of the file system that holds the images. */
export interface DiskUsage {
  readonly capacity: number;
  readonly available: number;
}

export interface ImagePolicy {
  /** Percent of the disk in use from which on images are removed. */
  readonly highThreshold: number;
  /** Percent down to which they are. */
  readonly lowThreshold: number;
  /** Milliseconds that an image is left alone after it was first seen. */
  readonly minimumAge: number;
}

/** How many bytes of images are to go; 0 while the disk is not full enough (`realImageGCManager.GarbageCollect`). */
export function bytesToFree({ capacity, available }: DiskUsage, { highThreshold, lowThreshold }: ImagePolicy): number {
  if (capacity === 0) return 0;
  const used = 100 - Math.floor((Math.min(available, capacity) * 100) / capacity);
  return used < highThreshold ? 0 : Math.max(0, Math.floor((capacity * (100 - lowThreshold)) / 100) - available);
}

/** Which images to remove, in this order: those that were not used for longest first, until that much is freed. */
export function imagesToCollect(unused: readonly CollectableImage[], bytes: number, { minimumAge }: ImagePolicy, now: number): readonly CollectableImage[] {
  const chosen: CollectableImage[] = [];
  let freed = 0;
  for (const image of unused.toSorted((a, b) => a.lastUsed - b.lastUsed || a.firstSeen - b.firstSeen)) {
    if (freed >= bytes) break;
    // What came or was used only now is about to be needed.
    if (now - image.lastUsed < minimumAge || now - image.firstSeen < minimumAge) continue;
    chosen.push(image);
    freed += image.size;
  }
  return chosen;
}
