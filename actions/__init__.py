"""The action server: what the customer meant, one call to the OMS, one reply.

An intent has one rule (`data/rules/`), one action (`action_<intent>`) and one function, marked `@skill("<intent>")`.
Whatever must outlast a message lives in the OMS; what is being asked of the customer lives in `questions`.
"""
