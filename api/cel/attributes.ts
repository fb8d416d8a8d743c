import { goOn, started } from './step.ts';
import type { Plan } from './step.ts';

/**
 * cel-go takes a variable with the fields and indexes behind it as one attribute. It costs 1, and 1 for each field or index; a part of another attribute, as the
 * branches of a choice and an index are, does not cost its own 1.
 */
function charged(plan: Plan, units: number): Plan {
  if (plan.step) {
    const { step } = plan;
    return {
      step(run) {
        const value = step(run);
        run.charge(units);
        return value;
      },
    };
  }
  return {
    walk: (run) =>
      goOn(started(plan, run), (value) => {
        run.charge(units);
        return value;
      }),
  };
}

/** What fields or indexes follow: it begins an attribute. */
export const beginningOf = (plan: Plan): Plan => (plan.attribute ? plan : charged(plan, 1));

/** What becomes part of an attribute. */
export const withinAttribute = (plan: Plan): Plan => (plan.attribute === 'variable' ? charged(plan, -1) : plan);

/** The plan of an attribute that goes on from a beginning. */
export const attributeFrom = (beginning: Plan, plan: Plan): Plan => ({ ...plan, attribute: beginning.attribute ?? 'variable' });
