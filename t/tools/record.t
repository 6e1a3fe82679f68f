#!/usr/bin/perl
# assay record: what it makes, what it refuses, and that assay check finds no
# fault in any of it.
use strict;
use warnings;
use Test::More;
use JSON::PP;
use lib ($ENV{top_srcdir} // '.') . '/t/lib';
use Assay::Golden qw(assay golden data slurp spew scratch);

my @zone = qw(--zone senders.zone);
my $dir  = scratch();

golden('record-spf', 0, qw(record spf), @zone, qw(--ip 192.0.2.10 --include spf.mailhost.example --all fail shop.example));
golden('record-dmarc-plan', 0, qw(record dmarc), @zone, qw(--stage all --rua reports@elsewhere.example shop.example));
golden('record-mta-sts', 0, qw(record mta-sts), @zone, qw(--now 1795255200 --mx mx.shop.example --mx *.backup.example shop.example));
golden('record-json', 0, qw(record dmarc --json), @zone, qw(-p reject --rua a@elsewhere.example shop.example));
golden('record-cnames', 0, qw(record dkim --sender fastmail), @zone, 'shop.example');
golden('record-senders', 0, qw(record senders));

# --- words that can't be ---------------------------------------------------------------

my @refused = (
    [spf => ['--sender', 'nobody'], qr/no sender/],
    [spf => [], qr/say who sends/],
    [spf => [qw(--none --mx)], qr/no sender/],
    [spf => [qw(--ip 192.0.2.1/33)], qr/no address/],
    [spf => [qw(--ip 192.0.2.1 --all reject)], qr/--all is/],
    [spf => ['--include', 'x y.example'], qr/no domain name/],
    [spf => [qw(--include nowhere.example)], qr/spf_broken/],
    [spf => [qw(--include shop.example)], qr/spf_broken/],
    [spf => [qw(--ip 0.0.0.0/1)], qr/spf_broad/],
    [spf => [map { ('--host', "h$_.many.example") } 1 .. 11], qr/spf_lookups/],
    [spf => [map { ('--ip', "2001:db8:1111:2222::$_") } 1 .. 20], qr/450 octets/],
    [dmarc => [qw(-p block)], qr/no value of p=/],
    [dmarc => [qw(--stage 6)], qr/1 to 5/],
    [dmarc => [qw(--stage 2 -p none)], qr/leave these out/],
    [dmarc => [qw(--rua nobody)], qr/no mail address/],
    [dmarc => [qw(--rua https://x.example/)], qr/no mail address/],
    [dmarc => [qw(--fo 1)], qr/without --ruf/],
    [dmarc => [qw(--fo 3 --ruf a@shop.example)], qr/0:1:d:s/],
    [dkim => [], qr/selector/],
    [dkim => [qw(--sender nobody)], qr/no sender/],
    ['mta-sts' => ['--mx', '*.*.example'], qr/host name/],
    ['mta-sts' => ['--mx', 'a.example', '--max-age', '31557601'], qr/max_age/],
    ['mta-sts' => ['--mx', 'a.example', '--id', '2026-1'], qr/sts_id/],
    ['mta-sts' => ['--mx', 'a.example', '--mode', 'strict'], qr/--mode/],
    ['tls-rpt' => ['--rua', 'ftp://x'], qr/no mail or https/],
    [bimi => [], qr/--logo/],
    [bimi => ['--logo', 'http://x.example/l.svg'], qr/https/],
    [bimi => ['--logo', 'https://x.example/l.svg;a'], qr/https/],
    [bimi => ['--decline', '--logo', 'https://x.example/l.svg'], qr/--decline/],
);
for (@refused) {
    my ($sub, $args, $why) = @$_;
    my ($status, $out, $err) = assay('record', $sub, @zone, @$args, 'shop.example');
    is $status, 1, "record $sub @$args: refused" or diag $out, $err;
    like $out, qr/^refused .*\n  .*$why/m, '... and why';
    unlike $out, qr/ IN TXT | IN CNAME /, '... and no record is shown';
}
my $esc = "\e[31m\x07";
for my $args ([spf => '--include', $esc], [spf => '--sender', $esc], [dmarc => '--rua', $esc], [dmarc => '--rua', "$esc\@x.example"],
    [dmarc => '--sp', $esc], ['mta-sts', '--mx', $esc], ['mta-sts', '--mx', 'a.example', '--id', $esc],
    ['tls-rpt', '--rua', "mailto:$esc"], [bimi => '--logo', "https://$esc"], [dkim => '--key', $esc, 'shop.example', $esc],
    [bimi => '--selector', $esc, '--decline'])
{
    for my $form ([], ['--json']) {
        my ($sub, @rest) = @$args;
        my ($s, $out, $err) = assay('record', $sub, @$form, @zone, @rest, $sub eq 'dkim' ? () : 'shop.example');
        isnt $s, 0, "record $sub: hostile words are refused" unless "@rest" =~ /\@x\.example/;
        unlike $out . $err, qr/[^\n\x20-\x7e]/, '... and steer no terminal';
    }
}

# What DNS says of the names it includes reaches no terminal.
spew("$dir/hostile", qq(i.example TXT "v=spf1 \\027[31m -all"\n));
unlike +(assay(qw(record spf --include i.example --zone), "$dir/hostile", 'a.example'))[1], qr/[^\n\x20-\x7e]/, 'hostile DNS';

# Without an answer of DNS it says so, and does not refuse.
spew("$dir/silent", "i.example TIMEOUT\n");
my ($ss, $so) = assay(qw(record spf --include i.example --form zone --zone), "$dir/silent", 'a.example');
is $ss, 0, 'DNS is silent: the record is made';
like $so, qr/^; DNS gave no answer/m, '... with a remark';
is +(assay(qw(record spf --offline --include nowhere.example), @zone, 'a.example'))[0], 0, '--offline: not looked at';

# --- many strings -------------------------------------------------------------------------

my (undef, $long) = assay(qw(record dkim --form zone --key), data('rsa4096.pub'), @zone, qw(shop.example big));
my @strings = $long =~ /"([^"]*)"/g;
is scalar @strings, 3, 'an RSA-4096 key has three strings';
ok !grep({ length > 255 } @strings), '... of 255 octets at most';
(undef, $long) = assay(qw(record dkim --form panel --key), data('rsa4096.pub'), @zone, qw(shop.example big));
like $long, qr/^value +\Q@{[join '', @strings]}\E$/m, '... and one value for a panel';

# --- whatever it makes passes assay check -------------------------------------------------

srand 20261121;
sub pick { return $_[rand @_] }
sub some { my ($option, $most, @of) = @_; return map { ($option, pick(@of)) } 1 .. rand($most + 1) }
sub maybe { return rand() < 0.5 ? @_ : () }

`openssl genpkey -algorithm ed25519 -out $dir/ed.pem 2>&1; openssl genrsa -out $dir/rsa.pem 2048 2>&1; openssl pkey -in $dir/rsa.pem -pubout -out $dir/pub.pem 2>&1`;
my $base = join '', map { "i$_.inc.example TXT \"v=spf1 ip4:198.51.100.$_ " . join(' ', map { "include:j$_.inc.example" } 1 .. $_) . " -all\"\n" } 1 .. 4;
$base .= join '', map { "j$_.inc.example TXT \"v=spf1 ip6:2001:db8::$_ -all\"\n" } 1 .. 4;
$base .= join '', map { "h$_.hosts.example A 192.0.2.$_\nh$_.hosts.example AAAA 2001:db8::$_\n" } 1 .. 5;
my ($all, @domains, %wants) = ($base);
my $n = $ENV{RECORDS} // 20;
for my $i (1 .. $n) {
    my $d = "d$i.example";
    my $own = "$d A 192.0.2.7\n$d AAAA 2001:db8::7\n$d MX 10 mx.$d\nmx.$d A 192.0.2.8\nmx.$d AAAA 2001:db8::8\nmta-sts.$d A 192.0.2.9\n";
    spew("$dir/base", $base . $own);
    my @with = ('--form', 'zone', '--zone', "$dir/base");
    my $ip = sub { return pick("192.0.2." . int(rand 256), '198.51.100.0/' . (24 + int rand 9), '2001:db8::' . int(rand 99), '2001:db8:1::/' . (48 + int rand 80)) };
    my @spf = rand() < 0.1 ? ('--none') : (
        '--ip', $ip->(), map({ ('--ip', $ip->()) } 1 .. rand 6), maybe('--mx'), maybe('--a'),
        some('--host', 3, map { "h$_.hosts.example" } 1 .. 5), some('--include', 3, map { "i$_.inc.example" } 1 .. 4),
        maybe('--all', pick(qw(fail softfail neutral))), rand() < 0.2 ? ('--redirect', 'i1.inc.example') : ());
    my @report = map { "$_\@" . pick($d, "sub.$d", 'reports.example', 'mail.other.example') } 'dmarc', 'a+b', "o'hara", 'x!y', 'a,b';
    my @dmarc = (
        rand() < 0.3 ? ('--stage', 1 + int rand 5) : (maybe('-p', pick(qw(none quarantine reject))), maybe('--testing')),
        maybe('--sp', pick(qw(none quarantine reject))), maybe('--np', pick(qw(none quarantine reject))),
        some('--rua', 3, @report), rand() < 0.5 ? ('--ruf', pick(@report), maybe('--fo', pick(qw(0 1 d s 1:d:s)))) : (),
        maybe('--adkim', pick(qw(r s))), maybe('--aspf', pick(qw(r s))), maybe('--psd', 'n'));
    my $key = pick("$dir/ed.pem", "$dir/rsa.pem", "$dir/pub.pem", data('rsa4096.pub'));
    my @made = (
        [spf => @spf], [dmarc => @dmarc],
        [dkim => '--key', $key, maybe('--testing'), maybe('--strict')],
        ['mta-sts', maybe('--mx', "*.$d", '--mx', "mx.$d"), maybe('--mode', pick(qw(testing enforce none))), maybe('--max-age', pick(0, 86400, 31557600)), maybe('--id', 'a1')],
        ['tls-rpt', some('--rua', 3, @report, 'https://r.example/v1', 'mailto:tls@r.example')],
        [bimi => rand() < 0.2 ? '--decline' : ('--logo', "https://$d/l.svg", maybe('--evidence', 'https://x.example/c.pem?a=b'))]);
    my $zone = '';
    for (@made) {
        my ($sub, @args) = @$_;
        my ($status, $out, $err) = assay('record', $sub, @with, @args, $d, $sub eq 'dkim' ? 'default' : ());
        if ($status == 1 && $out =~ /spf_lookups|450 octets/) {
            $out = "$d TXT \"v=spf1 -all\"\n";    # rightly refused; above are its tests
        } elsif ($status) {
            fail("$d: record $sub @args") or diag $out, $err;
        }
        $zone .= $out;
    }
    $all .= $own . $zone;
    push @domains, $d;
    $wants{$d} = $zone;
}
spew("$dir/all", $all);
spew("$dir/domains", join "\n", @domains);
my ($bs, $bout, $berr) = assay(qw(check --json --bulk), "$dir/domains", '--zone', "$dir/all");
my $report = eval { decode_json($bout) } or diag $bout, $berr;
is scalar @{ $report->{domains} }, $n, "$n domains with six records each";
for my $r (@{ $report->{domains} }) {
    # A logo wants a policy that others must make.
    my @errors = grep { $_->{severity} eq 'error' && $_->{id} ne 'bimi_policy' } map { @{ $_->{findings} } } grep { ref && $_->{findings} } values %$r;
    is scalar @errors, 0, "$r->{domain}: no error" or diag explain(\@errors), $wants{ $r->{domain} };
    ok $r->{$_}{record}, "... its $_ record is found" for qw(spf dmarc mta_sts tls_rpt bimi);
    ok $r->{dkim}{keys}[0]{record}, '... and its key';
    unlike $r->{dmarc}{record}, qr/pct|rf=|ri=/, '... no historic tag';
}
done_testing;
