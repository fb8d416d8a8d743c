import type { ComponentContext, RunningComponent } from '../process/component.ts';
import { type FlagSet, type FlagValues, parseFlags } from '../process/flags.ts';
import { flagTexts } from '../process/flagTexts.ts';
import { clusterFlags, type ClusterSettings } from './clusterSettings.ts';

/** A component as a subcommand. */
export interface ComponentCommand {
  readonly name: string;
  readonly summary: string;
  /** Its own flags together with those of every command. */
  readonly flags: FlagSet & typeof clusterFlags;
  /** `values` are those of `flags`. */
  start(values: Readonly<Record<string, unknown>>, settings: ClusterSettings, context: ComponentContext): Promise<RunningComponent>;
}

/** Ties a component's flags to the function that takes their values. */
export function defineComponent<F extends FlagSet>(definition: {
  readonly name: string;
  readonly summary: string;
  readonly flags: F;
  /** `texts` are all flags and their values as `/flagz` shows them. */
  start(values: FlagValues<F>, settings: ClusterSettings, context: ComponentContext, texts: Readonly<Record<string, string>>): Promise<RunningComponent>;
}): ComponentCommand {
  const { name, summary } = definition;
  const flags = { ...clusterFlags, ...definition.flags };
  return { name, summary, flags, start: (values, settings, context) => definition.start(values as FlagValues<F>, settings, context, flagTexts(flags, values)) };
}

/** What `--set` says of one component, as words of its command line. */
export function flagsOf(component: string, { componentFlags }: ClusterSettings): string[] {
  return Object.entries(componentFlags).flatMap(([name, value]) => (name.startsWith(`${component}.`) ? [`--${name.slice(component.length + 1)}=${value}`] : []));
}

/** Several components in one process, each with its defaults and what `--set` says of it; they stop together, and one that fails stops the others. */
export function together(name: string, summary: string, load: () => Promise<readonly ComponentCommand[]>): ComponentCommand {
  return defineComponent({
    name,
    summary,
    flags: {},
    async start(_, settings, context) {
      const stop = new AbortController();
      const signal = AbortSignal.any([context.signal, stop.signal]);
      const components = await load();
      const started = components.map(async (component) => {
        const { values } = parseFlags(component.flags, flagsOf(component.name, settings));
        const running = await component.start(values, settings, { ...context, signal, logger: context.logger.child({ part: component.name }) });
        return { stopped: running.stopped.finally(() => stop.abort()) };
      });
      try {
        const running = await Promise.all(started);
        return { stopped: Promise.all(running.map(({ stopped }) => stopped)).then(() => undefined) };
      } catch (error) {
        stop.abort();
        throw error;
      }
    },
  });
}
