#include "base/cancelled.hpp"

#include <boost/asio/error.hpp>
#include <boost/asio/multiple_exceptions.hpp>
#include <boost/system/system_error.hpp>

namespace boni {

bool was_cancelled(std::exception_ptr const& escaped) {
    try {
        std::rethrow_exception(escaped);
    } catch (boost::system::system_error const& error) {
        return error.code() == boost::asio::error::operation_aborted;
    } catch (boost::asio::multiple_exceptions const& several) {
        return was_cancelled(several.first_exception());
    } catch (...) {
        return false;
    }
}

}  // namespace boni
