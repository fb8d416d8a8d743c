import type { V1Condition, V1IPAddress, V1ServiceCIDR } from '../../api/generated/types.ts';
import type { KubeObject } from '../../api/meta.ts';
import { FINALIZER_SERVICE_CIDR } from '../../api/wellKnown.ts';
import { IPAddresses, ServiceCIDRs } from '../../client/resources.ts';
import { type Controller, seen } from '../controller.ts';
import { ignoreReasons } from '../expectedErrors.ts';
import { withStep } from '../storageProtection/protection.ts';
import { heldBy, overlapping, serviceCIDRStep } from './decideServiceCIDR.ts';

/** Says of each range for Services that it is ready, and keeps one that is to go for as long as a Service has an address of it. Key: the ServiceCIDR's name. */
export const serviceCIDRController: Controller = {
  name: 'service-cidr-controller',
  serviceAccount: 'service-cidrs-controller',
  workers: 1,
  setup({ client, informers, clock, recorder }, queue) {
    const ranges = informers.informer(ServiceCIDRs);
    const addresses = informers.informer(IPAddresses);
    const enqueueAll = (names: readonly string[]): void => {
      for (const name of names) queue.add(name);
    };
    ranges.addHandler({ added: (each) => enqueueAll([each.metadata.name, ...overlapping(each, ranges.list())]), updated: (_, each) => queue.add(each.metadata.name) });
    const release = (address: V1IPAddress): void => enqueueAll(heldBy(address, ranges.list()));
    addresses.addHandler({ added: release, deleted: release });

    const write = async (name: string, change: () => Promise<KubeObject>): Promise<void> => {
      const written = await ignoreReasons(['NotFound', 'Conflict'], change);
      if (written) await seen(ranges, [written]);
      else queue.add(name);
    };
    const setReady = async (found: V1ServiceCIDR, condition: V1Condition): Promise<V1ServiceCIDR> => {
      const others = (found.status?.conditions ?? []).filter(({ type }) => type !== condition.type);
      try {
        return await client.updateStatus(ServiceCIDRs, { ...found, status: { ...found.status, conditions: [...others, condition] } });
      } catch (error) {
        if (condition.status === 'True') recorder.event(found, 'Warning', 'KubernetesServiceCIDRError', 'The ServiceCIDR Status can not be set to Ready=True');
        throw error;
      }
    };

    return async (name) => {
      const found = ranges.get(name);
      if (found === undefined) return undefined;
      const step = serviceCIDRStep(found, ranges.list(), () => addresses.list(), clock.now());
      if (step.kind === 'wait') return { requeueAfterMilliseconds: step.milliseconds };
      if (step.kind === 'addFinalizer') await write(name, () => client.update(ServiceCIDRs, withStep(found, FINALIZER_SERVICE_CIDR, 'add')));
      if (step.kind === 'setReady') await write(name, () => setReady(found, step.condition));
      if (step.kind === 'removeFinalizer') {
        // The informer may not know the latest address yet: ask before the range goes for good.
        const [now, held] = [(await client.list(ServiceCIDRs)).items, (await client.list(IPAddresses)).items];
        const latest = now.find(({ metadata }) => metadata.uid === found.metadata.uid);
        if (!latest) return undefined;
        if (serviceCIDRStep(latest, now, () => held, clock.now()).kind === 'removeFinalizer') await write(name, () => client.update(ServiceCIDRs, withStep(latest, FINALIZER_SERVICE_CIDR, 'remove')));
        else queue.add(name);
      }
      return undefined;
    };
  },
};
