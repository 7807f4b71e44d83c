#include "call/course.hpp"

#include <doctest/doctest.h>

using namespace boni;
using call::Course;

TEST_CASE("a course is every sample until there are too many, then the worse of two") {
    Course course{5s};
    CHECK(course.to_json().empty());
    for (auto i = 0uz; i + 1 < Course::values_max; ++i) course.add(i == 6 ? 1.234 : 4.4);
    CHECK(course.values().size() == Course::values_max - 1);
    CHECK(course.every() == 5s);
    course.add(std::nullopt);
    CHECK(course.values().size() == Course::values_max / 2);
    CHECK(course.every() == 10s);
    CHECK(course.to_json()[3] == 1.23);
    CHECK(course.to_json()[2] == 4.4);
    CHECK(course.to_json().back() == 4.4);
    course.add(std::nullopt);
    CHECK(course.values().size() == Course::values_max / 2);
    course.add(std::nullopt);
    CHECK(course.to_json().back() == nullptr);
}

TEST_CASE("the course of a call that lasts four hours is no longer than that of one that lasts ten minutes") {
    Course course{5s};
    for (auto i = 0; i < 4 * 3600 / 5; ++i) course.add(4.0);
    CHECK(course.values().size() < Course::values_max);
    CHECK(course.every() * std::int64_t(course.values().size()) >= 4h - course.every());
}
