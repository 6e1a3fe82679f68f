#!/usr/bin/perl
# Who may include whom. The order of the rooms is milter/README's; what a room
# says of itself (its README: "Includes ...") holds; libraries stay behind the
# one file that adapts each of them.
use strict;
use warnings;
use Test::More;
use lib ($ENV{top_srcdir} // '.') . '/t/lib';
use Assay::Source qw(top sources slurp includes archive_files room_of);

# Rooms that take octets, a resolver and a clock, and return results.
my %pure = map { $_ => 1 } qw(base mail dns authres dkim spf dmarc verdict policy);

# What they may include beside each other, unless the file is an adapter:
# nothing that reads a file, asks the time, talks to a descriptor or depends
# on the locale.
my $harmless = qr{^<(?:assert|errno|inttypes|limits|std(?:align|arg|atomic|
    bool|def|int|io|lib)|string|strings|pthread|arpa/inet|netinet/in|idn2|
    openssl/\w+)\.h>$}x;

# The room whose one adapter file may include a library's headers.
my %library = (
    'libmilter/' => 'daemon',
    'spf2/'      => 'spf',
    'opendmarc/' => 'dmarc',
    'unbound.h'  => 'dns',
    'confuse.h'  => 'config',
    'grp.h'      => 'config',
    'libpsl.h'   => 'dmarc',
    'microhttpd.h' => 'control',
    'seccomp.h'  => 'daemon',
    'idn2.h'     => 'mail',
);

my (%rank, %stated);
for (split /\n/, slurp('milter/README')) {
    last if /->/;
    $rank{$1} = keys %rank if /^(\w+) {2,}\S/;
}
ok keys %rank, 'milter/README lists the rooms';

my @files = sources(qr/\.[ch]$/, 'milter');
my %listed = map { $_ => 1 } archive_files('\w+_SOURCES');
my %core   = map { $_ => 1 } archive_files('libcore_a_SOURCES');
my $make   = slurp('Makefile.am');

for my $room (sort keys %{ { map { room_of($_) => 1 } @files } }) {
    ok exists $rank{$room}, "milter/README knows the room $room" or next;
    like $make, qr{^include milter/$room/room\.am$}m, "Makefile.am includes $room/room.am";
    my $readme = -f top() . "/milter/$room/README" ? slurp("milter/$room/README") : '';
    ok $readme =~ /\bIncludes\b(.*?)\.(?:\s|$)/s, "milter/$room/README says what the room includes"
        or next;
    my $says = $1;
    $stated{$room} = $says =~ /\b(?:all|any|every)\b/
        ? { map { $_ => 1 } keys %rank } : { $room => 1, map { $_ => 1 } $says =~ /(\w+)/g };
}

my %adapter;
for my $file (@files) {
    my $room = room_of($file);
    my @wrong;
    push @wrong, 'is in no room.am' unless $listed{$file};
    for (includes(slurp($file))) {
        my ($line, $what) = @$_;
        if ($what =~ m{^"([^/"]+)/}) {
            my $other = $1;
            push @wrong, "line $line: $what: no such room" and next unless exists $rank{$other};
            push @wrong, "line $line: $what points back" if $rank{$other} > ($rank{$room} // -1);
            push @wrong, "line $line: milter/$room/README does not speak of $other"
                if $other ne $room && $stated{$room} && !$stated{$room}{$other};
        } elsif ($what =~ /^"/) {
            push @wrong, "line $line: $what: write \"room/file.h\"";
        } elsif ($pure{$room} && ($core{$file} || $file =~ /\.h$/) && $what !~ $harmless) {
            # base/clock.c is where the time comes from.
            push @wrong, "line $line: $what in a room that does no I/O"
                unless $what eq '<time.h>' && $file eq 'milter/base/clock.c';
        }
        for my $lib (grep { $what =~ /^<\Q$_\E/ } keys %library) {
            $adapter{$lib}{$file} = 1;
            push @wrong, "line $line: $what belongs to the room $library{$lib}"
                if $room ne $library{$lib};
            push @wrong, "line $line: $what in a header" if $file =~ /\.h$/;
        }
    }
    ok !@wrong, "$file includes what it may" or diag map { "$file: $_\n" } @wrong;
}
for my $lib (sort keys %library) {
    my @by = sort keys %{ $adapter{$lib} // {} };
    my @may = $lib eq 'libmilter/' ? grep { $_ ne 'milter/daemon/mfi.c' } @by : @by[1 .. $#by];
    ok !@may, "one file knows <$lib>" or diag "also: @may";
}
for my $file (sort keys %listed) {
    next if $file =~ /\$/;
    ok -f top() . "/$file", "$file, listed in a fragment, exists";
}

# dmarc judges the results of spf and dkim and starts neither of them.
for my $room (qw(dkim spf dmarc)) {
    my @siblings = grep { $_ ne $room } qw(dkim spf dmarc);
    my @found = grep { my $f = $_; grep { my $w = $_->[1]; grep { $w =~ m{^"$_/} } @siblings }
        includes(slurp($f)) } grep { room_of($_) eq $room } @files;
    ok !@found, "$room knows none of @siblings" or diag "@found";
}
done_testing;
