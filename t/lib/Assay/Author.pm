package Assay::Author;

# Random From fields, well-formed and spoilt, of the given domains; srand is
# the caller's.
#
#   my $field = random_from('legit.example', 'attack.example');
use strict;
use warnings;
use Exporter 'import';

our @EXPORT_OK = qw(random_from);

my @odd = (',', ';', ':', '"', '\\', '(', ')', '<', '>', '[', ']', '.', '@', ' ', "\r\n ", "\t", "\xf6", "\xc3\xa4",
    '=?utf-8?q?x=40attack.example?=', '=?utf-8?b?PGFAYXR0YWNrLmV4YW1wbGU+?=', '=?utf-8?q?J=F6rg?=', '%', '!', 'x', '::',
    "\x01", "\xef\xbc\xa0", "\xc2\xa0", "\x83", "'");

sub pick { return $_[ rand @_ ] }

sub address {
    my @domains = @_;
    return pick('a', 'a.b', 'a..b', '"a b"', '"a@' . pick(@domains) . '"', 'a%' . pick(@domains), '') . '@' . pick(@domains);
}

sub name {
    my @domains = @_;
    return pick('', 'Joe ', 'Doe, John ', "J\xf6rg ", '"Doe, J" ', address(@domains) . ' ', '(x) ',
        '"' . address(@domains) . '" ', 'a%' . pick(@domains) . ' ', pick(@domains) . '!a ');
}

sub mailbox {
    my @domains = @_;
    return pick(address(@domains), name(@domains) . '<' . address(@domains) . '>', '<' . address(@domains) . '>');
}

sub random_from {
    my @domains = @_;
    my $text = join pick(', ', ' ', ';', ''), map { mailbox(@domains) } 1 .. pick(1, 1, 1, 2);
    for (1 .. pick(0, 0, 1, 1, 2, 3)) {
        my $at = int rand 1 + length $text;
        substr $text, $at, pick(0, 0, 0, 1), pick(@odd);
    }
    return $text;
}

1;
