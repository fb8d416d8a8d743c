import { admission } from './admission.ts';
import { customResources } from './customResources.ts';
import { extensionServers } from './extensionServers.ts';
import { frames } from './frames.ts';
import { objects } from './objects.ts';
import { patches } from './patches.ts';
import { requests } from './requests.ts';
import type { Surface } from './surface.ts';

/** Every side on which clients, webhooks and extension servers reach the API server; the busiest stand more than once. */
export const surfaces: readonly Surface[] = [objects, patches, customResources, objects, admission, requests, objects, frames, customResources, patches, extensionServers];
