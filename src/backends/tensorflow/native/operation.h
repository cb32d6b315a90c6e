// What an operation of ours is given, what it gives, and how TensorFlow comes to know it. TensorFlow's C API alone is used.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "tensorflow/c/kernels.h"
#include "tensorflow/c/ops.h"
#include "tensorflow/c/tf_status.h"
#include "tensorflow/c/tf_tensor.h"

// The tensors of one call of an operation; all are float32.
class Call {
 public:
  explicit Call(TF_OpKernelContext* context) : context_(context), status_(TF_NewStatus()) {}
  ~Call() {
    for (TF_Tensor* tensor : tensors_) TF_DeleteTensor(tensor);
    TF_DeleteStatus(status_);
  }

  const float* input(int index) { return static_cast<const float*>(TF_TensorData(tensor(index))); }
  int64_t size(int index) { return TF_TensorElementCount(tensor(index)); }
  std::vector<int64_t> shape(int index) {
    TF_Tensor* of = tensor(index);
    std::vector<int64_t> sides(TF_NumDims(of));
    for (size_t axis = 0; axis < sides.size(); axis++) sides[axis] = TF_Dim(of, static_cast<int>(axis));
    return sides;
  }

  float* output(int index, const std::vector<int64_t>& shape) {
    int64_t size = 1;
    for (int64_t side : shape) size *= side;
    TF_Tensor* made = TF_AllocateOutput(context_, index, TF_FLOAT, shape.data(), static_cast<int>(shape.size()),
                                        sizeof(float) * size, status_);
    if (TF_GetCode(status_) != TF_OK) {
      TF_OpKernelContext_Failure(context_, status_);
      return nullptr;
    }
    tensors_.push_back(made);
    return static_cast<float*>(TF_TensorData(made));
  }

 private:
  TF_Tensor* tensor(int index) {
    for (size_t place = given_.size(); place <= static_cast<size_t>(index); place++) {
      TF_Tensor* got = nullptr;
      TF_GetInput(context_, static_cast<int>(place), &got, status_);
      given_.push_back(got);
      tensors_.push_back(got);
    }
    return given_[index];
  }

  TF_OpKernelContext* context_;
  TF_Status* status_;
  std::vector<TF_Tensor*> given_;
  std::vector<TF_Tensor*> tensors_;
};

using Compute = void (*)(void*, TF_OpKernelContext*);
using Create = void* (*)(TF_OpKernelConstruction*);
using Delete = void (*)(void*);

// The value of one of the operation's attributes.
inline float floatOf(TF_OpKernelConstruction* construction, const char* name) {
  TF_Status* status = TF_NewStatus();
  float value = 0;
  TF_OpKernelConstruction_GetAttrFloat(construction, name, &value, status);
  TF_DeleteStatus(status);
  return value;
}

inline int64_t integerOf(TF_OpKernelConstruction* construction, const char* name) {
  TF_Status* status = TF_NewStatus();
  int64_t value = 0;
  TF_OpKernelConstruction_GetAttrInt64(construction, name, &value, status);
  TF_DeleteStatus(status);
  return value;
}

// Shapes are known when an operation runs; nobody asks for them before.
inline void unknownShape(TF_ShapeInferenceContext* context, TF_Status* status) {
  TF_ShapeInferenceContextSetUnknownShape(context, status);
}

// Adds an operation and its kernel for the processor. To be called while the library is loaded.
inline bool add(const std::string& name, const std::vector<const char*>& inputs, const std::vector<const char*>& outputs,
         const std::vector<const char*>& attributes, Compute compute, Create create = nullptr,
         Delete remove = nullptr) {
  TF_Status* status = TF_NewStatus();
  TF_OpDefinitionBuilder* definition = TF_NewOpDefinitionBuilder(name.c_str());
  for (const char* input : inputs) TF_OpDefinitionBuilderAddInput(definition, input);
  for (const char* output : outputs) TF_OpDefinitionBuilderAddOutput(definition, output);
  for (const char* attribute : attributes) TF_OpDefinitionBuilderAddAttr(definition, attribute);
  TF_OpDefinitionBuilderSetShapeInferenceFunction(definition, unknownShape);
  TF_RegisterOpDefinition(definition, status);
  TF_KernelBuilder* kernel = TF_NewKernelBuilder(name.c_str(), "CPU", create, compute, remove);
  TF_RegisterKernelBuilder((name + "OnProcessor").c_str(), kernel, status);
  TF_DeleteStatus(status);
  return true;
}
