// Being cancelled is how an ending takes a coroutine away, and no error. Thread: any.
#pragma once

#include <exception>

namespace boni {

/// What escapes a task that was cancelled: operation_aborted, alone or of several things that it awaited together.
bool was_cancelled(std::exception_ptr const& escaped);

}  // namespace boni
