/**
 * The parts of gnostic's `OpenAPIv2.proto` and `OpenAPIv3.proto` that Kubernetes' documents use: per message its fields' numbers, by the name that
 * the field has in the JSON document.
 */
export type FieldForm =
  | 'string'
  | 'strings'
  | 'bool'
  | 'double'
  | 'integer'
  /** Any JSON value, as YAML text in an `Any`. */
  | 'any'
  | 'anys'
  | { readonly message: string }
  | { readonly messages: string }
  /** A JSON object as a message that holds a list of (name, value) pairs in its field 1. */
  | { readonly map: string };

export interface MessageForm {
  readonly fields: Readonly<Record<string, readonly [number: number, form: FieldForm]>>;
  /** Field number of the `x-…` extensions. */
  readonly extensions?: number;
  /** The JSON object is itself the pairs, in this field; of `Paths` and `Responses`. */
  readonly pairs?: readonly [number: number, message: string];
  /** Which message the JSON object is, where it may be one of several; each is wrapped in the field of its number. */
  readonly oneOf?: (value: Readonly<Record<string, unknown>>) => readonly [number: number, message: string];
}

export type Messages = Readonly<Record<string, MessageForm>>;

const isReference = (value: Readonly<Record<string, unknown>>): boolean => typeof value['$ref'] === 'string';

export const V2_MESSAGES: Messages = {
  Document: {
    fields: { swagger: [1, 'string'], info: [2, { message: 'Info' }], paths: [8, { message: 'Paths' }], definitions: [9, { map: 'Schema' }], security: [12, { messages: 'SecurityRequirement' }], securityDefinitions: [13, { map: 'SecurityDefinitionsItem' }] },
    extensions: 16,
  },
  Info: { fields: { title: [1, 'string'], version: [2, 'string'] } },
  SecurityRequirement: { fields: {}, pairs: [1, 'StringArray'] },
  StringArray: { fields: {} },
  SecurityDefinitionsItem: { fields: {}, oneOf: () => [2, 'ApiKeySecurity'] },
  ApiKeySecurity: { fields: { type: [1, 'string'], name: [2, 'string'], in: [3, 'string'], description: [4, 'string'] } },
  Paths: { fields: {}, pairs: [2, 'PathItem'] },
  PathItem: {
    fields: { get: [2, { message: 'Operation' }], put: [3, { message: 'Operation' }], post: [4, { message: 'Operation' }], delete: [5, { message: 'Operation' }], patch: [8, { message: 'Operation' }], parameters: [9, { messages: 'ParametersItem' }] },
    extensions: 10,
  },
  Operation: {
    fields: { tags: [1, 'strings'], description: [3, 'string'], operationId: [5, 'string'], produces: [6, 'strings'], consumes: [7, 'strings'], parameters: [8, { messages: 'ParametersItem' }], responses: [9, { message: 'Responses' }], schemes: [10, 'strings'] },
    extensions: 13,
  },
  ParametersItem: { fields: {}, oneOf: () => [1, 'Parameter'] },
  Parameter: { fields: {}, oneOf: (value) => (value['in'] === 'body' ? [1, 'BodyParameter'] : [2, 'NonBodyParameter']) },
  BodyParameter: { fields: { description: [1, 'string'], name: [2, 'string'], in: [3, 'string'], required: [4, 'bool'], schema: [5, { message: 'Schema' }] } },
  NonBodyParameter: { fields: {}, oneOf: (value) => (value['in'] === 'query' ? [3, 'QueryParameter'] : [4, 'PathParameter']) },
  QueryParameter: { fields: { required: [1, 'bool'], in: [2, 'string'], description: [3, 'string'], name: [4, 'string'], type: [6, 'string'], uniqueItems: [20, 'bool'] } },
  PathParameter: { fields: { required: [1, 'bool'], in: [2, 'string'], description: [3, 'string'], name: [4, 'string'], type: [5, 'string'], uniqueItems: [19, 'bool'] } },
  Responses: { fields: {}, pairs: [1, 'ResponseValue'] },
  ResponseValue: { fields: {}, oneOf: () => [1, 'Response'] },
  Response: { fields: { description: [1, 'string'], schema: [2, { message: 'SchemaItem' }] } },
  SchemaItem: { fields: {}, oneOf: () => [1, 'Schema'] },
  Schema: {
    fields: {
      $ref: [1, 'string'],
      format: [2, 'string'],
      title: [3, 'string'],
      description: [4, 'string'],
      default: [5, 'any'],
      multipleOf: [6, 'double'],
      maximum: [7, 'double'],
      exclusiveMaximum: [8, 'bool'],
      minimum: [9, 'double'],
      exclusiveMinimum: [10, 'bool'],
      maxLength: [11, 'integer'],
      minLength: [12, 'integer'],
      pattern: [13, 'string'],
      maxItems: [14, 'integer'],
      minItems: [15, 'integer'],
      uniqueItems: [16, 'bool'],
      maxProperties: [17, 'integer'],
      minProperties: [18, 'integer'],
      externalDocs: [29, { message: 'ExternalDocs' }],
      example: [30, 'any'],
      required: [19, 'strings'],
      enum: [20, 'anys'],
      additionalProperties: [21, { message: 'AdditionalPropertiesItem' }],
      type: [22, { message: 'TypeItem' }],
      items: [23, { message: 'ItemsItem' }],
      allOf: [24, { messages: 'Schema' }],
      properties: [25, { map: 'Schema' }],
    },
    extensions: 31,
  },
  AdditionalPropertiesItem: { fields: {}, oneOf: () => [1, 'Schema'] },
  ExternalDocs: { fields: { description: [1, 'string'], url: [2, 'string'] } },
  TypeItem: { fields: {} },
  ItemsItem: { fields: {}, oneOf: () => [1, 'Schema'] },
};

const SCHEMA_OR_REFERENCE: MessageForm = { fields: {}, oneOf: (value) => (isReference(value) ? [2, 'Reference'] : [1, 'Schema']) };

export const V3_MESSAGES: Messages = {
  Document: { fields: { openapi: [1, 'string'], info: [2, { message: 'Info' }], paths: [4, { message: 'Paths' }], components: [5, { message: 'Components' }] }, extensions: 9 },
  Info: { fields: { title: [1, 'string'], version: [6, 'string'] } },
  Components: { fields: { schemas: [1, { map: 'SchemaOrReference' }], securitySchemes: [7, { map: 'SecuritySchemeOrReference' }] } },
  SecuritySchemeOrReference: { fields: {}, oneOf: () => [1, 'SecurityScheme'] },
  SecurityScheme: { fields: { type: [1, 'string'], description: [2, 'string'], name: [3, 'string'], in: [4, 'string'] } },
  Paths: { fields: {}, pairs: [1, 'PathItem'] },
  PathItem: {
    fields: { get: [4, { message: 'Operation' }], put: [5, { message: 'Operation' }], post: [6, { message: 'Operation' }], delete: [7, { message: 'Operation' }], patch: [10, { message: 'Operation' }], parameters: [13, { messages: 'ParameterOrReference' }] },
    extensions: 14,
  },
  Operation: {
    fields: { tags: [1, 'strings'], description: [3, 'string'], operationId: [5, 'string'], parameters: [6, { messages: 'ParameterOrReference' }], requestBody: [7, { message: 'RequestBodyOrReference' }], responses: [8, { message: 'Responses' }] },
    extensions: 13,
  },
  ParameterOrReference: { fields: {}, oneOf: () => [1, 'Parameter'] },
  Parameter: { fields: { name: [1, 'string'], in: [2, 'string'], description: [3, 'string'], required: [4, 'bool'], schema: [10, { message: 'SchemaOrReference' }] } },
  RequestBodyOrReference: { fields: {}, oneOf: () => [1, 'RequestBody'] },
  RequestBody: { fields: { content: [2, { map: 'MediaType' }], required: [3, 'bool'] } },
  MediaType: { fields: { schema: [1, { message: 'SchemaOrReference' }] } },
  Responses: { fields: {}, pairs: [2, 'ResponseOrReference'] },
  ResponseOrReference: { fields: {}, oneOf: () => [1, 'Response'] },
  Response: { fields: { description: [1, 'string'], content: [3, { map: 'MediaType' }] } },
  SchemaOrReference: SCHEMA_OR_REFERENCE,
  Reference: { fields: { $ref: [1, 'string'] } },
  Schema: {
    fields: {
      nullable: [1, 'bool'],
      externalDocs: [6, { message: 'ExternalDocs' }],
      example: [7, 'any'],
      title: [9, 'string'],
      multipleOf: [10, 'double'],
      maximum: [11, 'double'],
      exclusiveMaximum: [12, 'bool'],
      minimum: [13, 'double'],
      exclusiveMinimum: [14, 'bool'],
      maxLength: [15, 'integer'],
      minLength: [16, 'integer'],
      pattern: [17, 'string'],
      maxItems: [18, 'integer'],
      minItems: [19, 'integer'],
      maxProperties: [21, 'integer'],
      minProperties: [22, 'integer'],
      anyOf: [28, { messages: 'SchemaOrReference' }],
      not: [29, { message: 'Schema' }],
      uniqueItems: [20, 'bool'],
      required: [23, 'strings'],
      enum: [24, 'anys'],
      type: [25, 'string'],
      allOf: [26, { messages: 'SchemaOrReference' }],
      oneOf: [27, { messages: 'SchemaOrReference' }],
      items: [30, { message: 'ItemsItem' }],
      properties: [31, { map: 'SchemaOrReference' }],
      additionalProperties: [32, { message: 'AdditionalPropertiesItem' }],
      default: [33, { message: 'DefaultType' }],
      description: [34, 'string'],
      format: [35, 'string'],
    },
    extensions: 36,
  },
  ItemsItem: { fields: {}, oneOf: () => [1, 'SchemaOrReference'] },
  AdditionalPropertiesItem: { fields: {}, oneOf: () => [1, 'SchemaOrReference'] },
  ExternalDocs: { fields: { description: [1, 'string'], url: [2, 'string'] } },
  DefaultType: { fields: {} },
};
