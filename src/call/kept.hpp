// What a target's file remembers across questions of one call, or across calls, without `call/` knowing what it is.
//
// Thread: control. Owner: Call or Calls. One value per type, made when first asked for.
#pragma once

#include <map>
#include <memory>
#include <typeindex>

namespace boni::call {

class Kept {
  public:
    template <class T>
    T& of() {
        auto& slot = kept_[typeid(T)];
        if (!slot) slot = std::make_shared<T>();
        return *static_cast<T*>(slot.get());
    }

  private:
    std::map<std::type_index, std::shared_ptr<void>> kept_;   // shared_ptr<void>: it remembers how to destroy what it holds
};

}  // namespace boni::call
