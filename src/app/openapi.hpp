// The API's document as JSON, made from openapi.yaml when the binary is built. Thread: any.
#pragma once

#include <string_view>

namespace boni::app {

std::string_view openapi_json();

}  // namespace boni::app
