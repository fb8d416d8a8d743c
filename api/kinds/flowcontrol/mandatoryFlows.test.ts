import { mandatoryLevelSpecs, mandatorySchemaSpecs, validateMandatoryLevel, validateMandatorySchema } from './mandatoryFlows.ts';

const texts = (errors: readonly { field: string; message: string }[]): string[] => errors.map(({ field, message }) => `${field}: ${message}`);

describe('flow schemas that have to be', () => {
  it.each(['exempt', 'catch-all'])('%s is as it is', (name) => {
    const spec = mandatorySchemaSpecs()[name]!;
    expect(validateMandatorySchema(name, spec)).toEqual([]);
    expect(texts(validateMandatorySchema(name, { ...spec, matchingPrecedence: 7 }))).toEqual([expect.stringContaining(`: spec of '${name}' must equal the fixed value`)]);
    expect(validateMandatorySchema('another', { ...spec, matchingPrecedence: 7 })).toEqual([]);
  });

  it('what is empty and what is not there are the same', () => {
    const spec = mandatorySchemaSpecs()['exempt']!;
    expect(validateMandatorySchema('exempt', { ...spec, rules: spec.rules!.map((rule) => ({ ...rule, subjects: rule.subjects.map((each) => ({ ...each, user: undefined })) })) })).toEqual([]);
    expect(validateMandatorySchema('exempt', { ...spec, rules: [] })).toHaveLength(1);
  });

  it('shows what was given in the form of the internal type', () => {
    const rules = [{ subjects: [{ kind: 'User', user: { name: 'jane' } }, { kind: 'ServiceAccount', serviceAccount: { name: 'a', namespace: 'b' } }], nonResourceRules: [{ verbs: ['get'], nonResourceURLs: ['/x'] }] }];
    expect(texts(validateMandatorySchema('exempt', { priorityLevelConfiguration: { name: 'exempt' }, matchingPrecedence: 1, rules }))).toEqual([
      'spec: Invalid value: {"PriorityLevelConfiguration":{"Name":"exempt"},"MatchingPrecedence":1,"DistinguisherMethod":null,"Rules":[{"Subjects":[{"Kind":"User","User":{"Name":"jane"},"Group":null,"ServiceAccount":null},'
      + '{"Kind":"ServiceAccount","User":null,"Group":null,"ServiceAccount":{"Namespace":"b","Name":"a"}}],"ResourceRules":null,"NonResourceRules":[{"Verbs":["get"],"NonResourceURLs":["/x"]}]}]}: spec of \'exempt\' must equal the fixed value',
    ]);
  });
});

describe('priority levels that have to be', () => {
  it('exempt lends what its administrator says', () => {
    expect(validateMandatoryLevel('exempt', mandatoryLevelSpecs()['exempt'])).toEqual([]);
    expect(validateMandatoryLevel('exempt', { type: 'Exempt', exempt: { nominalConcurrencyShares: 20, lendablePercent: 50 } })).toEqual([]);
    expect(texts(validateMandatoryLevel('exempt', { type: 'Limited', limited: { nominalConcurrencyShares: 1, lendablePercent: 0, limitResponse: { type: 'Reject' } } }))).toEqual([
      'spec: Invalid value: {"Type":"Limited","Limited":{"NominalConcurrencyShares":1,"LimitResponse":{"Type":"Reject","Queuing":null},"LendablePercent":0,"BorrowingLimitPercent":null},"Exempt":null}: spec of \'exempt\' except the \'spec.exempt\' field must equal the fixed value',
    ]);
  });

  it('catch-all is as it is', () => {
    const spec = mandatoryLevelSpecs()['catch-all']!;
    expect(validateMandatoryLevel('catch-all', spec)).toEqual([]);
    expect(validateMandatoryLevel('another', {})).toEqual([]);
    expect(texts(validateMandatoryLevel('catch-all', { ...spec, limited: { ...spec.limited, borrowingLimitPercent: 3, limitResponse: { type: 'Queue', queuing: { queues: 4, handSize: 2, queueLengthLimit: 50 } } } }))).toEqual([
      'spec: Invalid value: {"Type":"Limited","Limited":{"NominalConcurrencyShares":5,"LimitResponse":{"Type":"Queue","Queuing":{"Queues":4,"HandSize":2,"QueueLengthLimit":50}},"LendablePercent":0,"BorrowingLimitPercent":3},"Exempt":null}: spec of \'catch-all\' must equal the fixed value',
    ]);
  });
});
