import type { ClusterView } from '../cache/clusterView.ts';
import type { NodeInfo } from '../cache/nodeInfo.ts';
import { MAXIMUM_SCORE, type Plugin } from '../framework/types.ts';

const NAME = 'ImageLocality';

const MEGABYTE = 1024 * 1024;
const SMALLEST = 23 * MEGABYTE;
const LARGEST_PER_CONTAINER = 1000 * MEGABYTE;

/** Prefers nodes that hold the pod's images already, the more the larger they are and the more nodes hold them. */
export const imageLocality: Plugin = {
  name: NAME,
  preScore({ spec }, view) {
    const containers = [...(spec.initContainers ?? []), ...spec.containers];
    const images = containers.map(({ image = '' }) => normalizedImage(image));
    if (!images.some((image) => view.imageSpread(image) > 0)) return undefined;
    return { score: (node) => scoreImages(images, containers.length, node, view) };
  },
};

function scoreImages(images: readonly string[], containers: number, node: NodeInfo, view: ClusterView): number {
  const total = view.nodes.length;
  const sum = images.reduce((bytes, image) => bytes + Math.floor((node.images.get(image) ?? 0) * (view.imageSpread(image) / total)), 0);
  const largest = LARGEST_PER_CONTAINER * containers;
  const within = Math.min(Math.max(sum, SMALLEST), largest);
  return Math.floor((MAXIMUM_SCORE * (within - SMALLEST)) / (largest - SMALLEST));
}

/** Nodes report images with a tag. */
export function normalizedImage(image: string): string {
  return image.lastIndexOf(':') <= image.lastIndexOf('/') ? `${image}:latest` : image;
}
