// Made by `npm run docs` from github/payload.schema.json.
var __getOwnPropNames = Object.getOwnPropertyNames;
var __commonJS = (cb, mod) => function() {
  try {
    return mod || (0, cb[__getOwnPropNames(cb)[0]])((mod = { exports: {} }).exports, mod), mod.exports;
  } catch (e) {
    throw mod = 0, e;
  }
};

// node_modules/ajv/dist/runtime/ucs2length.js
var require_ucs2length = __commonJS({
  "node_modules/ajv/dist/runtime/ucs2length.js"(exports) {
    "use strict";
    Object.defineProperty(exports, "__esModule", { value: !0 });
    function ucs2length(str) {
      let len = str.length, length = 0, pos = 0, value;
      for (; pos < len; )
        length++, value = str.charCodeAt(pos++), value >= 55296 && value <= 56319 && pos < len && (value = str.charCodeAt(pos), (value & 64512) === 56320 && pos++);
      return length;
    }
    exports.default = ucs2length;
    ucs2length.code = 'require("ajv/dist/runtime/ucs2length").default';
  }
});

// <stdin>
var require_stdin = __commonJS({
  "<stdin>"(exports, module) {
    module.exports = validate20;
    module.exports.default = validate20;
    var schema31 = { $schema: "https://json-schema.org/draft/2020-12/schema", $id: "urn:fairlead:deployment:1", title: "The payload of a deployment that Fairlead has written on GitHub", type: "object", required: ["fairlead", "environment", "action", "status", "at"], properties: { fairlead: { const: 1 }, environment: { type: "object", required: ["application", "name", "type"], properties: { application: { type: "string", minLength: 1 }, name: { type: "string", minLength: 1 }, type: { enum: ["local", "preview", "development", "production"] }, pullRequest: { type: "integer", minimum: 1 } } }, action: { enum: ["preview", "promote", "rollback", "resume", "destroy"] }, status: { enum: ["started", "success", "failure"] }, release: { $ref: "#/$defs/Digest" }, source: { type: "object", required: ["hash"], properties: { hash: { $ref: "#/$defs/Digest" }, commit: { type: "string", pattern: "^[0-9a-f]{40}([0-9a-f]{24})?$" } }, additionalProperties: !1 }, url: { type: "string", pattern: "^https?://" }, reason: { type: "string" }, review: { type: "object", required: ["environment", "changes"], properties: { environment: { type: "string", minLength: 1 }, against: { $ref: "#/$defs/Digest" }, changes: { $ref: "#/$defs/Digest" } }, additionalProperties: !1 }, at: { type: "string", pattern: "^\\d{4}-\\d{2}-\\d{2}T\\d{2}:\\d{2}:\\d{2}(\\.\\d+)?Z$" } }, $defs: { Digest: { type: "string", pattern: "^sha256:[0-9a-f]{64}$" } } }, schema32 = { type: "string", pattern: "^sha256:[0-9a-f]{64}$" }, func1 = require_ucs2length().default, pattern4 = new RegExp("^sha256:[0-9a-f]{64}$", "u"), pattern6 = new RegExp("^[0-9a-f]{40}([0-9a-f]{24})?$", "u"), pattern7 = new RegExp("^https?://", "u"), pattern10 = new RegExp("^\\d{4}-\\d{2}-\\d{2}T\\d{2}:\\d{2}:\\d{2}(\\.\\d+)?Z$", "u");
    function validate20(data, { instancePath = "", parentData, parentDataProperty, rootData = data, dynamicAnchors = {} } = {}) {
      let vErrors = null, errors = 0, evaluated0 = validate20.evaluated;
      if (evaluated0.dynamicProps && (evaluated0.props = void 0), evaluated0.dynamicItems && (evaluated0.items = void 0), data && typeof data == "object" && !Array.isArray(data)) {
        if (data.fairlead === void 0) {
          let err0 = { instancePath, schemaPath: "#/required", keyword: "required", params: { missingProperty: "fairlead" }, message: "must have required property 'fairlead'", schema: schema31.required, parentSchema: schema31, data };
          vErrors === null ? vErrors = [err0] : vErrors.push(err0), errors++;
        }
        if (data.environment === void 0) {
          let err1 = { instancePath, schemaPath: "#/required", keyword: "required", params: { missingProperty: "environment" }, message: "must have required property 'environment'", schema: schema31.required, parentSchema: schema31, data };
          vErrors === null ? vErrors = [err1] : vErrors.push(err1), errors++;
        }
        if (data.action === void 0) {
          let err2 = { instancePath, schemaPath: "#/required", keyword: "required", params: { missingProperty: "action" }, message: "must have required property 'action'", schema: schema31.required, parentSchema: schema31, data };
          vErrors === null ? vErrors = [err2] : vErrors.push(err2), errors++;
        }
        if (data.status === void 0) {
          let err3 = { instancePath, schemaPath: "#/required", keyword: "required", params: { missingProperty: "status" }, message: "must have required property 'status'", schema: schema31.required, parentSchema: schema31, data };
          vErrors === null ? vErrors = [err3] : vErrors.push(err3), errors++;
        }
        if (data.at === void 0) {
          let err4 = { instancePath, schemaPath: "#/required", keyword: "required", params: { missingProperty: "at" }, message: "must have required property 'at'", schema: schema31.required, parentSchema: schema31, data };
          vErrors === null ? vErrors = [err4] : vErrors.push(err4), errors++;
        }
        if (data.fairlead !== void 0) {
          let data0 = data.fairlead;
          if (data0 !== 1) {
            let err5 = { instancePath: instancePath + "/fairlead", schemaPath: "#/properties/fairlead/const", keyword: "const", params: { allowedValue: 1 }, message: "must be equal to constant", schema: 1, parentSchema: schema31.properties.fairlead, data: data0 };
            vErrors === null ? vErrors = [err5] : vErrors.push(err5), errors++;
          }
        }
        if (data.environment !== void 0) {
          let data1 = data.environment;
          if (data1 && typeof data1 == "object" && !Array.isArray(data1)) {
            if (data1.application === void 0) {
              let err6 = { instancePath: instancePath + "/environment", schemaPath: "#/properties/environment/required", keyword: "required", params: { missingProperty: "application" }, message: "must have required property 'application'", schema: schema31.properties.environment.required, parentSchema: schema31.properties.environment, data: data1 };
              vErrors === null ? vErrors = [err6] : vErrors.push(err6), errors++;
            }
            if (data1.name === void 0) {
              let err7 = { instancePath: instancePath + "/environment", schemaPath: "#/properties/environment/required", keyword: "required", params: { missingProperty: "name" }, message: "must have required property 'name'", schema: schema31.properties.environment.required, parentSchema: schema31.properties.environment, data: data1 };
              vErrors === null ? vErrors = [err7] : vErrors.push(err7), errors++;
            }
            if (data1.type === void 0) {
              let err8 = { instancePath: instancePath + "/environment", schemaPath: "#/properties/environment/required", keyword: "required", params: { missingProperty: "type" }, message: "must have required property 'type'", schema: schema31.properties.environment.required, parentSchema: schema31.properties.environment, data: data1 };
              vErrors === null ? vErrors = [err8] : vErrors.push(err8), errors++;
            }
            if (data1.application !== void 0) {
              let data2 = data1.application;
              if (typeof data2 == "string") {
                if (func1(data2) < 1) {
                  let err9 = { instancePath: instancePath + "/environment/application", schemaPath: "#/properties/environment/properties/application/minLength", keyword: "minLength", params: { limit: 1 }, message: "must NOT have fewer than 1 characters", schema: 1, parentSchema: schema31.properties.environment.properties.application, data: data2 };
                  vErrors === null ? vErrors = [err9] : vErrors.push(err9), errors++;
                }
              } else {
                let err10 = { instancePath: instancePath + "/environment/application", schemaPath: "#/properties/environment/properties/application/type", keyword: "type", params: { type: "string" }, message: "must be string", schema: schema31.properties.environment.properties.application.type, parentSchema: schema31.properties.environment.properties.application, data: data2 };
                vErrors === null ? vErrors = [err10] : vErrors.push(err10), errors++;
              }
            }
            if (data1.name !== void 0) {
              let data3 = data1.name;
              if (typeof data3 == "string") {
                if (func1(data3) < 1) {
                  let err11 = { instancePath: instancePath + "/environment/name", schemaPath: "#/properties/environment/properties/name/minLength", keyword: "minLength", params: { limit: 1 }, message: "must NOT have fewer than 1 characters", schema: 1, parentSchema: schema31.properties.environment.properties.name, data: data3 };
                  vErrors === null ? vErrors = [err11] : vErrors.push(err11), errors++;
                }
              } else {
                let err12 = { instancePath: instancePath + "/environment/name", schemaPath: "#/properties/environment/properties/name/type", keyword: "type", params: { type: "string" }, message: "must be string", schema: schema31.properties.environment.properties.name.type, parentSchema: schema31.properties.environment.properties.name, data: data3 };
                vErrors === null ? vErrors = [err12] : vErrors.push(err12), errors++;
              }
            }
            if (data1.type !== void 0) {
              let data4 = data1.type;
              if (!(data4 === "local" || data4 === "preview" || data4 === "development" || data4 === "production")) {
                let err13 = { instancePath: instancePath + "/environment/type", schemaPath: "#/properties/environment/properties/type/enum", keyword: "enum", params: { allowedValues: schema31.properties.environment.properties.type.enum }, message: "must be equal to one of the allowed values", schema: schema31.properties.environment.properties.type.enum, parentSchema: schema31.properties.environment.properties.type, data: data4 };
                vErrors === null ? vErrors = [err13] : vErrors.push(err13), errors++;
              }
            }
            if (data1.pullRequest !== void 0) {
              let data5 = data1.pullRequest;
              if (!(typeof data5 == "number" && !(data5 % 1) && !isNaN(data5) && isFinite(data5))) {
                let err14 = { instancePath: instancePath + "/environment/pullRequest", schemaPath: "#/properties/environment/properties/pullRequest/type", keyword: "type", params: { type: "integer" }, message: "must be integer", schema: schema31.properties.environment.properties.pullRequest.type, parentSchema: schema31.properties.environment.properties.pullRequest, data: data5 };
                vErrors === null ? vErrors = [err14] : vErrors.push(err14), errors++;
              }
              if (typeof data5 == "number" && isFinite(data5) && (data5 < 1 || isNaN(data5))) {
                let err15 = { instancePath: instancePath + "/environment/pullRequest", schemaPath: "#/properties/environment/properties/pullRequest/minimum", keyword: "minimum", params: { comparison: ">=", limit: 1 }, message: "must be >= 1", schema: 1, parentSchema: schema31.properties.environment.properties.pullRequest, data: data5 };
                vErrors === null ? vErrors = [err15] : vErrors.push(err15), errors++;
              }
            }
          } else {
            let err16 = { instancePath: instancePath + "/environment", schemaPath: "#/properties/environment/type", keyword: "type", params: { type: "object" }, message: "must be object", schema: schema31.properties.environment.type, parentSchema: schema31.properties.environment, data: data1 };
            vErrors === null ? vErrors = [err16] : vErrors.push(err16), errors++;
          }
        }
        if (data.action !== void 0) {
          let data6 = data.action;
          if (!(data6 === "preview" || data6 === "promote" || data6 === "rollback" || data6 === "resume" || data6 === "destroy")) {
            let err17 = { instancePath: instancePath + "/action", schemaPath: "#/properties/action/enum", keyword: "enum", params: { allowedValues: schema31.properties.action.enum }, message: "must be equal to one of the allowed values", schema: schema31.properties.action.enum, parentSchema: schema31.properties.action, data: data6 };
            vErrors === null ? vErrors = [err17] : vErrors.push(err17), errors++;
          }
        }
        if (data.status !== void 0) {
          let data7 = data.status;
          if (!(data7 === "started" || data7 === "success" || data7 === "failure")) {
            let err18 = { instancePath: instancePath + "/status", schemaPath: "#/properties/status/enum", keyword: "enum", params: { allowedValues: schema31.properties.status.enum }, message: "must be equal to one of the allowed values", schema: schema31.properties.status.enum, parentSchema: schema31.properties.status, data: data7 };
            vErrors === null ? vErrors = [err18] : vErrors.push(err18), errors++;
          }
        }
        if (data.release !== void 0) {
          let data8 = data.release;
          if (typeof data8 == "string") {
            if (!pattern4.test(data8)) {
              let err19 = { instancePath: instancePath + "/release", schemaPath: "#/$defs/Digest/pattern", keyword: "pattern", params: { pattern: "^sha256:[0-9a-f]{64}$" }, message: 'must match pattern "^sha256:[0-9a-f]{64}$"', schema: "^sha256:[0-9a-f]{64}$", parentSchema: schema32, data: data8 };
              vErrors === null ? vErrors = [err19] : vErrors.push(err19), errors++;
            }
          } else {
            let err20 = { instancePath: instancePath + "/release", schemaPath: "#/$defs/Digest/type", keyword: "type", params: { type: "string" }, message: "must be string", schema: schema32.type, parentSchema: schema32, data: data8 };
            vErrors === null ? vErrors = [err20] : vErrors.push(err20), errors++;
          }
        }
        if (data.source !== void 0) {
          let data9 = data.source;
          if (data9 && typeof data9 == "object" && !Array.isArray(data9)) {
            if (data9.hash === void 0) {
              let err21 = { instancePath: instancePath + "/source", schemaPath: "#/properties/source/required", keyword: "required", params: { missingProperty: "hash" }, message: "must have required property 'hash'", schema: schema31.properties.source.required, parentSchema: schema31.properties.source, data: data9 };
              vErrors === null ? vErrors = [err21] : vErrors.push(err21), errors++;
            }
            for (let key0 in data9)
              if (!(key0 === "hash" || key0 === "commit")) {
                let err22 = { instancePath: instancePath + "/source", schemaPath: "#/properties/source/additionalProperties", keyword: "additionalProperties", params: { additionalProperty: key0 }, message: "must NOT have additional properties", schema: !1, parentSchema: schema31.properties.source, data: data9 };
                vErrors === null ? vErrors = [err22] : vErrors.push(err22), errors++;
              }
            if (data9.hash !== void 0) {
              let data10 = data9.hash;
              if (typeof data10 == "string") {
                if (!pattern4.test(data10)) {
                  let err23 = { instancePath: instancePath + "/source/hash", schemaPath: "#/$defs/Digest/pattern", keyword: "pattern", params: { pattern: "^sha256:[0-9a-f]{64}$" }, message: 'must match pattern "^sha256:[0-9a-f]{64}$"', schema: "^sha256:[0-9a-f]{64}$", parentSchema: schema32, data: data10 };
                  vErrors === null ? vErrors = [err23] : vErrors.push(err23), errors++;
                }
              } else {
                let err24 = { instancePath: instancePath + "/source/hash", schemaPath: "#/$defs/Digest/type", keyword: "type", params: { type: "string" }, message: "must be string", schema: schema32.type, parentSchema: schema32, data: data10 };
                vErrors === null ? vErrors = [err24] : vErrors.push(err24), errors++;
              }
            }
            if (data9.commit !== void 0) {
              let data11 = data9.commit;
              if (typeof data11 == "string") {
                if (!pattern6.test(data11)) {
                  let err25 = { instancePath: instancePath + "/source/commit", schemaPath: "#/properties/source/properties/commit/pattern", keyword: "pattern", params: { pattern: "^[0-9a-f]{40}([0-9a-f]{24})?$" }, message: 'must match pattern "^[0-9a-f]{40}([0-9a-f]{24})?$"', schema: "^[0-9a-f]{40}([0-9a-f]{24})?$", parentSchema: schema31.properties.source.properties.commit, data: data11 };
                  vErrors === null ? vErrors = [err25] : vErrors.push(err25), errors++;
                }
              } else {
                let err26 = { instancePath: instancePath + "/source/commit", schemaPath: "#/properties/source/properties/commit/type", keyword: "type", params: { type: "string" }, message: "must be string", schema: schema31.properties.source.properties.commit.type, parentSchema: schema31.properties.source.properties.commit, data: data11 };
                vErrors === null ? vErrors = [err26] : vErrors.push(err26), errors++;
              }
            }
          } else {
            let err27 = { instancePath: instancePath + "/source", schemaPath: "#/properties/source/type", keyword: "type", params: { type: "object" }, message: "must be object", schema: schema31.properties.source.type, parentSchema: schema31.properties.source, data: data9 };
            vErrors === null ? vErrors = [err27] : vErrors.push(err27), errors++;
          }
        }
        if (data.url !== void 0) {
          let data12 = data.url;
          if (typeof data12 == "string") {
            if (!pattern7.test(data12)) {
              let err28 = { instancePath: instancePath + "/url", schemaPath: "#/properties/url/pattern", keyword: "pattern", params: { pattern: "^https?://" }, message: 'must match pattern "^https?://"', schema: "^https?://", parentSchema: schema31.properties.url, data: data12 };
              vErrors === null ? vErrors = [err28] : vErrors.push(err28), errors++;
            }
          } else {
            let err29 = { instancePath: instancePath + "/url", schemaPath: "#/properties/url/type", keyword: "type", params: { type: "string" }, message: "must be string", schema: schema31.properties.url.type, parentSchema: schema31.properties.url, data: data12 };
            vErrors === null ? vErrors = [err29] : vErrors.push(err29), errors++;
          }
        }
        if (data.reason !== void 0) {
          let data13 = data.reason;
          if (typeof data13 != "string") {
            let err30 = { instancePath: instancePath + "/reason", schemaPath: "#/properties/reason/type", keyword: "type", params: { type: "string" }, message: "must be string", schema: schema31.properties.reason.type, parentSchema: schema31.properties.reason, data: data13 };
            vErrors === null ? vErrors = [err30] : vErrors.push(err30), errors++;
          }
        }
        if (data.review !== void 0) {
          let data14 = data.review;
          if (data14 && typeof data14 == "object" && !Array.isArray(data14)) {
            if (data14.environment === void 0) {
              let err31 = { instancePath: instancePath + "/review", schemaPath: "#/properties/review/required", keyword: "required", params: { missingProperty: "environment" }, message: "must have required property 'environment'", schema: schema31.properties.review.required, parentSchema: schema31.properties.review, data: data14 };
              vErrors === null ? vErrors = [err31] : vErrors.push(err31), errors++;
            }
            if (data14.changes === void 0) {
              let err32 = { instancePath: instancePath + "/review", schemaPath: "#/properties/review/required", keyword: "required", params: { missingProperty: "changes" }, message: "must have required property 'changes'", schema: schema31.properties.review.required, parentSchema: schema31.properties.review, data: data14 };
              vErrors === null ? vErrors = [err32] : vErrors.push(err32), errors++;
            }
            for (let key1 in data14)
              if (!(key1 === "environment" || key1 === "against" || key1 === "changes")) {
                let err33 = { instancePath: instancePath + "/review", schemaPath: "#/properties/review/additionalProperties", keyword: "additionalProperties", params: { additionalProperty: key1 }, message: "must NOT have additional properties", schema: !1, parentSchema: schema31.properties.review, data: data14 };
                vErrors === null ? vErrors = [err33] : vErrors.push(err33), errors++;
              }
            if (data14.environment !== void 0) {
              let data15 = data14.environment;
              if (typeof data15 == "string") {
                if (func1(data15) < 1) {
                  let err34 = { instancePath: instancePath + "/review/environment", schemaPath: "#/properties/review/properties/environment/minLength", keyword: "minLength", params: { limit: 1 }, message: "must NOT have fewer than 1 characters", schema: 1, parentSchema: schema31.properties.review.properties.environment, data: data15 };
                  vErrors === null ? vErrors = [err34] : vErrors.push(err34), errors++;
                }
              } else {
                let err35 = { instancePath: instancePath + "/review/environment", schemaPath: "#/properties/review/properties/environment/type", keyword: "type", params: { type: "string" }, message: "must be string", schema: schema31.properties.review.properties.environment.type, parentSchema: schema31.properties.review.properties.environment, data: data15 };
                vErrors === null ? vErrors = [err35] : vErrors.push(err35), errors++;
              }
            }
            if (data14.against !== void 0) {
              let data16 = data14.against;
              if (typeof data16 == "string") {
                if (!pattern4.test(data16)) {
                  let err36 = { instancePath: instancePath + "/review/against", schemaPath: "#/$defs/Digest/pattern", keyword: "pattern", params: { pattern: "^sha256:[0-9a-f]{64}$" }, message: 'must match pattern "^sha256:[0-9a-f]{64}$"', schema: "^sha256:[0-9a-f]{64}$", parentSchema: schema32, data: data16 };
                  vErrors === null ? vErrors = [err36] : vErrors.push(err36), errors++;
                }
              } else {
                let err37 = { instancePath: instancePath + "/review/against", schemaPath: "#/$defs/Digest/type", keyword: "type", params: { type: "string" }, message: "must be string", schema: schema32.type, parentSchema: schema32, data: data16 };
                vErrors === null ? vErrors = [err37] : vErrors.push(err37), errors++;
              }
            }
            if (data14.changes !== void 0) {
              let data17 = data14.changes;
              if (typeof data17 == "string") {
                if (!pattern4.test(data17)) {
                  let err38 = { instancePath: instancePath + "/review/changes", schemaPath: "#/$defs/Digest/pattern", keyword: "pattern", params: { pattern: "^sha256:[0-9a-f]{64}$" }, message: 'must match pattern "^sha256:[0-9a-f]{64}$"', schema: "^sha256:[0-9a-f]{64}$", parentSchema: schema32, data: data17 };
                  vErrors === null ? vErrors = [err38] : vErrors.push(err38), errors++;
                }
              } else {
                let err39 = { instancePath: instancePath + "/review/changes", schemaPath: "#/$defs/Digest/type", keyword: "type", params: { type: "string" }, message: "must be string", schema: schema32.type, parentSchema: schema32, data: data17 };
                vErrors === null ? vErrors = [err39] : vErrors.push(err39), errors++;
              }
            }
          } else {
            let err40 = { instancePath: instancePath + "/review", schemaPath: "#/properties/review/type", keyword: "type", params: { type: "object" }, message: "must be object", schema: schema31.properties.review.type, parentSchema: schema31.properties.review, data: data14 };
            vErrors === null ? vErrors = [err40] : vErrors.push(err40), errors++;
          }
        }
        if (data.at !== void 0) {
          let data18 = data.at;
          if (typeof data18 == "string") {
            if (!pattern10.test(data18)) {
              let err41 = { instancePath: instancePath + "/at", schemaPath: "#/properties/at/pattern", keyword: "pattern", params: { pattern: "^\\d{4}-\\d{2}-\\d{2}T\\d{2}:\\d{2}:\\d{2}(\\.\\d+)?Z$" }, message: 'must match pattern "^\\d{4}-\\d{2}-\\d{2}T\\d{2}:\\d{2}:\\d{2}(\\.\\d+)?Z$"', schema: "^\\d{4}-\\d{2}-\\d{2}T\\d{2}:\\d{2}:\\d{2}(\\.\\d+)?Z$", parentSchema: schema31.properties.at, data: data18 };
              vErrors === null ? vErrors = [err41] : vErrors.push(err41), errors++;
            }
          } else {
            let err42 = { instancePath: instancePath + "/at", schemaPath: "#/properties/at/type", keyword: "type", params: { type: "string" }, message: "must be string", schema: schema31.properties.at.type, parentSchema: schema31.properties.at, data: data18 };
            vErrors === null ? vErrors = [err42] : vErrors.push(err42), errors++;
          }
        }
      } else {
        let err43 = { instancePath, schemaPath: "#/type", keyword: "type", params: { type: "object" }, message: "must be object", schema: schema31.type, parentSchema: schema31, data };
        vErrors === null ? vErrors = [err43] : vErrors.push(err43), errors++;
      }
      return validate20.errors = vErrors, errors === 0;
    }
    validate20.evaluated = { props: { fairlead: !0, environment: !0, action: !0, status: !0, release: !0, source: !0, url: !0, reason: !0, review: !0, at: !0 }, dynamicProps: !1, dynamicItems: !1 };
  }
});
export const validate = require_stdin();
