// Made by `npm run docs` from images/base/lock.schema.json.
var __getOwnPropNames = Object.getOwnPropertyNames;
var __commonJS = (cb, mod) => function() {
  try {
    return mod || (0, cb[__getOwnPropNames(cb)[0]])((mod = { exports: {} }).exports, mod), mod.exports;
  } catch (e) {
    throw mod = 0, e;
  }
};

// <stdin>
var require_stdin = __commonJS({
  "<stdin>"(exports, module) {
    module.exports = validate20;
    module.exports.default = validate20;
    var schema31 = { $schema: "https://json-schema.org/draft/2020-12/schema", title: "fairlead.lock.json", description: "What a build takes from outside and the sources do not fix. Written by `fairlead images update`, and kept in version control.", type: "object", additionalProperties: !1, required: ["version", "base"], properties: { version: { description: "Of this form.", const: 1 }, base: { description: "The image that images lie on.", type: "object", additionalProperties: !1, required: ["image", "digest"], properties: { image: { description: "Its name, with the tag that `fairlead images update` follows.", type: "string", pattern: "^[^\\s@]+/[^\\s@]+:[^\\s@:/]+$" }, digest: { description: "What the tag meant: the digest of an index, or of a manifest.", type: "string", pattern: "^sha256:[a-f0-9]{64}$" } } } } }, pattern4 = new RegExp("^[^\\s@]+/[^\\s@]+:[^\\s@:/]+$", "u"), pattern5 = new RegExp("^sha256:[a-f0-9]{64}$", "u");
    function validate20(data, { instancePath = "", parentData, parentDataProperty, rootData = data, dynamicAnchors = {} } = {}) {
      let vErrors = null, errors = 0, evaluated0 = validate20.evaluated;
      if (evaluated0.dynamicProps && (evaluated0.props = void 0), evaluated0.dynamicItems && (evaluated0.items = void 0), data && typeof data == "object" && !Array.isArray(data)) {
        if (data.version === void 0) {
          let err0 = { instancePath, schemaPath: "#/required", keyword: "required", params: { missingProperty: "version" }, message: "must have required property 'version'", schema: schema31.required, parentSchema: schema31, data };
          vErrors === null ? vErrors = [err0] : vErrors.push(err0), errors++;
        }
        if (data.base === void 0) {
          let err1 = { instancePath, schemaPath: "#/required", keyword: "required", params: { missingProperty: "base" }, message: "must have required property 'base'", schema: schema31.required, parentSchema: schema31, data };
          vErrors === null ? vErrors = [err1] : vErrors.push(err1), errors++;
        }
        for (let key0 in data)
          if (!(key0 === "version" || key0 === "base")) {
            let err2 = { instancePath, schemaPath: "#/additionalProperties", keyword: "additionalProperties", params: { additionalProperty: key0 }, message: "must NOT have additional properties", schema: !1, parentSchema: schema31, data };
            vErrors === null ? vErrors = [err2] : vErrors.push(err2), errors++;
          }
        if (data.version !== void 0) {
          let data0 = data.version;
          if (data0 !== 1) {
            let err3 = { instancePath: instancePath + "/version", schemaPath: "#/properties/version/const", keyword: "const", params: { allowedValue: 1 }, message: "must be equal to constant", schema: 1, parentSchema: schema31.properties.version, data: data0 };
            vErrors === null ? vErrors = [err3] : vErrors.push(err3), errors++;
          }
        }
        if (data.base !== void 0) {
          let data1 = data.base;
          if (data1 && typeof data1 == "object" && !Array.isArray(data1)) {
            if (data1.image === void 0) {
              let err4 = { instancePath: instancePath + "/base", schemaPath: "#/properties/base/required", keyword: "required", params: { missingProperty: "image" }, message: "must have required property 'image'", schema: schema31.properties.base.required, parentSchema: schema31.properties.base, data: data1 };
              vErrors === null ? vErrors = [err4] : vErrors.push(err4), errors++;
            }
            if (data1.digest === void 0) {
              let err5 = { instancePath: instancePath + "/base", schemaPath: "#/properties/base/required", keyword: "required", params: { missingProperty: "digest" }, message: "must have required property 'digest'", schema: schema31.properties.base.required, parentSchema: schema31.properties.base, data: data1 };
              vErrors === null ? vErrors = [err5] : vErrors.push(err5), errors++;
            }
            for (let key1 in data1)
              if (!(key1 === "image" || key1 === "digest")) {
                let err6 = { instancePath: instancePath + "/base", schemaPath: "#/properties/base/additionalProperties", keyword: "additionalProperties", params: { additionalProperty: key1 }, message: "must NOT have additional properties", schema: !1, parentSchema: schema31.properties.base, data: data1 };
                vErrors === null ? vErrors = [err6] : vErrors.push(err6), errors++;
              }
            if (data1.image !== void 0) {
              let data2 = data1.image;
              if (typeof data2 == "string") {
                if (!pattern4.test(data2)) {
                  let err7 = { instancePath: instancePath + "/base/image", schemaPath: "#/properties/base/properties/image/pattern", keyword: "pattern", params: { pattern: "^[^\\s@]+/[^\\s@]+:[^\\s@:/]+$" }, message: 'must match pattern "^[^\\s@]+/[^\\s@]+:[^\\s@:/]+$"', schema: "^[^\\s@]+/[^\\s@]+:[^\\s@:/]+$", parentSchema: schema31.properties.base.properties.image, data: data2 };
                  vErrors === null ? vErrors = [err7] : vErrors.push(err7), errors++;
                }
              } else {
                let err8 = { instancePath: instancePath + "/base/image", schemaPath: "#/properties/base/properties/image/type", keyword: "type", params: { type: "string" }, message: "must be string", schema: schema31.properties.base.properties.image.type, parentSchema: schema31.properties.base.properties.image, data: data2 };
                vErrors === null ? vErrors = [err8] : vErrors.push(err8), errors++;
              }
            }
            if (data1.digest !== void 0) {
              let data3 = data1.digest;
              if (typeof data3 == "string") {
                if (!pattern5.test(data3)) {
                  let err9 = { instancePath: instancePath + "/base/digest", schemaPath: "#/properties/base/properties/digest/pattern", keyword: "pattern", params: { pattern: "^sha256:[a-f0-9]{64}$" }, message: 'must match pattern "^sha256:[a-f0-9]{64}$"', schema: "^sha256:[a-f0-9]{64}$", parentSchema: schema31.properties.base.properties.digest, data: data3 };
                  vErrors === null ? vErrors = [err9] : vErrors.push(err9), errors++;
                }
              } else {
                let err10 = { instancePath: instancePath + "/base/digest", schemaPath: "#/properties/base/properties/digest/type", keyword: "type", params: { type: "string" }, message: "must be string", schema: schema31.properties.base.properties.digest.type, parentSchema: schema31.properties.base.properties.digest, data: data3 };
                vErrors === null ? vErrors = [err10] : vErrors.push(err10), errors++;
              }
            }
          } else {
            let err11 = { instancePath: instancePath + "/base", schemaPath: "#/properties/base/type", keyword: "type", params: { type: "object" }, message: "must be object", schema: schema31.properties.base.type, parentSchema: schema31.properties.base, data: data1 };
            vErrors === null ? vErrors = [err11] : vErrors.push(err11), errors++;
          }
        }
      } else {
        let err12 = { instancePath, schemaPath: "#/type", keyword: "type", params: { type: "object" }, message: "must be object", schema: schema31.type, parentSchema: schema31, data };
        vErrors === null ? vErrors = [err12] : vErrors.push(err12), errors++;
      }
      return validate20.errors = vErrors, errors === 0;
    }
    validate20.evaluated = { props: !0, dynamicProps: !1, dynamicItems: !1 };
  }
});
export const validate = require_stdin();
